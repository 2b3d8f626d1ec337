// In debug mode (NODE_DEBUG=offloop, or OFFLOOP_DEBUG set), warns once for each function of the effects of
// copying: a variable has changed between two calls, or an assignment stays in the worker.
import { debuglog } from "node:util";
import type { Closure } from "./closure.js";
import { describeFunction, describePlace } from "./travel-error.js";

const debugging = debuglog("offloop").enabled || Boolean(process.env["OFFLOOP_DEBUG"]);
const lastValues = new WeakMap<object, readonly unknown[]>();
const warned = new Set<number>();

/** Compares a closure with its state at its last call. */
export function warnOfChanges(closure: Closure): void {
  if (!debugging || warned.has(closure.site.id)) return;
  const { fn, site, values } = closure;
  const last = lastValues.get(fn);
  lastValues.set(fn, values);
  for (const [index, variable] of site.variables.entries()) {
    if (site.syntax.free.get(variable)?.written) {
      return warn(closure, variable, "and assigns to it. Only the worker sees the new value. Return the value instead");
    }
    if (last && !Object.is(last[index], values[index])) {
      return warn(closure, variable, "which has changed since the last call. Each call gets the value that the variable has when the call is made. Pass it as an argument to show that in the code");
    }
  }
}

function warn({ fn, site }: Closure, variable: string, what: string): void {
  warned.add(site.id);
  const declared = site.declaration(variable);
  const where = declared ? ` (declared at ${describePlace({ ...declared, url: site.location.url })})` : "";
  process.emitWarning(`${describeFunction(fn, site.location)} captures ${variable}${where}, ${what}.`, { type: "OffloopWarning", code: "OFFLOOP_CAPTURE_CHANGES" });
}
