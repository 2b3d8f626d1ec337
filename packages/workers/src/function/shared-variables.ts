// A variable that one travelling function assigns to and another uses would be two variables in the
// worker. That is found here, and refused: it would work, and be wrong.
import type { Closure } from "./closure.js";
import { describeFunction } from "./travel-error.js";

/** A variable that must not be copied twice. */
export interface SharedVariable {
  readonly writer: Closure;
  readonly variable: string;
  readonly reason: string;
}

/** The first variable that more than one of `closures` captures, and one of them assigns to. */
export function sharedVariable(closures: readonly Closure[]): SharedVariable | undefined {
  for (const writer of closures) {
    for (const [variable, { written }] of writer.site.syntax.free) {
      const position = writer.site.variables.indexOf(variable);
      // Helpers of compilers replace themselves once they know better: each copy may do so on its own.
      if (!written || position < 0 || writer.values[position] === writer.fn) continue;
      const other = closures.find((each) => each !== writer && each.site.variables.includes(variable) && isSame(writer, each, variable));
      if (!other) continue;
      const who = describeFunction(other.fn, other.site.location);
      return { writer, variable, reason: `a variable that it assigns to and ${who} uses as well: in the worker each would have a copy of its own` };
    }
  }
  return undefined;
}

/** Declared at one place of one script. Where the declarations are not known, the name has to do. */
function isSame(a: Closure, b: Closure, variable: string): boolean {
  const left = a.site.declaration(variable);
  const right = b.site.declaration(variable);
  return a.site.location.scriptId === b.site.location.scriptId && left?.line === right?.line && left?.column === right?.column;
}
