// If one travelling function assigns to a variable and another uses it, the worker must have one variable
// too. Outside functions, the closures that share a variable are known. Inside a function, each call creates
// another variable, so two closures of the same code may or may not share one. V8 does not report this, so
// such a pair is refused: it would run, and could give a wrong result.
import type { Cell } from "../../protocol/function-payload.js";
import type { Closure } from "./closure.js";
import { describeFunction } from "./travel-error.js";

/** A variable of which it is not known which closures share it. */
export interface AmbiguousVariable {
  readonly closure: Closure;
  readonly variable: string;
  readonly reason: string;
}

/** The variables that several of `closures` share and one of them assigns to; or the first that is ambiguous. */
export function sharedVariables(closures: readonly Closure[]): { readonly cells: readonly Cell[]; readonly ambiguous?: AmbiguousVariable } {
  const cells: Cell[] = [];
  const done = new Set<string>();
  for (const writer of closures) {
    for (const [variable, { written }] of writer.site.syntax.free) {
      const value = valueOf(writer, variable);
      // Helpers of compilers replace themselves after their first call. Each copy may do so by itself.
      if (!written || !writer.site.variables.includes(variable) || value === writer.fn) continue;
      const sharing = closures.filter((each) => each.site.variables.includes(variable) && isSame(writer, each, variable) && Object.is(valueOf(each, variable), value));
      const key = `${variable} ${sharing.map((each) => closures.indexOf(each)).join()}`;
      if (sharing.length < 2 || done.has(key)) continue;
      done.add(key);
      const ambiguous = ambiguity(sharing, writer, variable);
      if (ambiguous) return { cells, ambiguous };
      cells.push({ name: variable, users: sharing.map((each) => closures.indexOf(each)) });
    }
  }
  return { cells };
}

function ambiguity(sharing: readonly Closure[], writer: Closure, variable: string): AmbiguousVariable | undefined {
  const declaration = writer.site.declaration(variable);
  const twins = sharing.find((each, index) => sharing.some((other, position) => position < index && other.site === each.site));
  if (declaration && (declaration.topLevel || !twins)) return undefined;
  const users = twins ? `two closures of ${describeFunction(twins.fn, twins.site.location)}` : sharing.map((each) => describeFunction(each.fn, each.site.location)).join(" and ");
  return { closure: writer, variable, reason: `a variable that is assigned to, and used by ${users}, but V8 does not report whether they share one variable` };
}

function valueOf(closure: Closure, variable: string): unknown {
  return closure.values[closure.site.variables.indexOf(variable)];
}

/** Whether both are declared at the same place of one script. Without known declarations, the name decides. */
function isSame(a: Closure, b: Closure, variable: string): boolean {
  const left = a.site.declaration(variable);
  const right = b.site.declaration(variable);
  return a.site.location.scriptId === b.site.location.scriptId && left?.line === right?.line && left?.column === right?.column;
}
