// Resolves the payload that function/leaving/locate-function.ts made to a function that can be called: in a
// worker, and on the main side for fromThread(). Each thread resolves a payload once; a failed one is tried again.
import type { FunctionPayload } from "../../protocol/function-payload.js";
import { loadLink } from "./load-link.js";
import { loadProgram } from "./load-program.js";

/**
 * A function ready to be called with any `this`: a method is bound to the object that it was found on.
 * Where the payload says `captures: "each call"` it is a maker of it, which takes a call's captures.
 */
export type ResolvedFunction = (...args: unknown[]) => unknown;

// Programs are many only where code is made at run time; then the oldest are compiled again when they come back.
const maxResolved = 10_000;
const resolved = new Map<string, ResolvedFunction | Promise<ResolvedFunction>>();

/**
 * The function that `payload` stands for, at once where it was resolved before.
 * @throws FunctionTravelError, by rejection, if its module cannot be loaded (the reason is the cause), or does not have it (it says what the module has)
 */
export function resolveFunction(payload: FunctionPayload): ResolvedFunction | Promise<ResolvedFunction> {
  const key = payload.kind === "value" ? payload.key : `${payload.loader} ${payload.module} ${payload.export}`;
  const known = resolved.get(key);
  if (known) return known;
  const pending = (payload.kind === "value" ? loadProgram(payload) : (loadLink(payload, "function") as Promise<ResolvedFunction>)).then((fn) => {
    resolved.set(key, fn);
    return fn;
  });
  if (resolved.size >= maxResolved) resolved.delete(resolved.keys().next().value as string);
  resolved.set(key, pending);
  pending.catch(() => resolved.delete(key));
  return pending;
}
