// Turns the payload of function/leaving/locate-function.ts into a function that can be called: in a worker,
// and on the main side for fromThread(). Each thread resolves a payload once, and retries a failed one.
import type { FunctionPayload } from "../../protocol/function-payload.js";
import { loadLink } from "./load-link.js";
import { loadProgram } from "./load-program.js";

/**
 * A function that can be called with any `this`: a method is bound to the object on which it was found. If
 * the payload says `captures: "each call"`, it is a maker that takes a call's captures.
 */
export type ResolvedFunction = (...args: unknown[]) => unknown;

// Only programs that create code at run time have so many functions. The oldest are compiled again when they return.
const MAX_RESOLVED = 10_000;
const resolved = new Map<string, ResolvedFunction | Promise<ResolvedFunction>>();

/**
 * The function of `payload`, at once if it was resolved before.
 * @throws FunctionTravelError, by rejection, if its module cannot be loaded (the reason is the cause), or has no such export (the message lists those that exist)
 */
export function resolveFunction(payload: FunctionPayload): ResolvedFunction | Promise<ResolvedFunction> {
  const key = payload.kind === "value" ? payload.key : `${payload.loader} ${payload.from ?? ""} ${payload.module} ${payload.export}`;
  const known = resolved.get(key);
  if (known) return known;
  const pending = (payload.kind === "value" ? loadProgram(payload) : (loadLink(payload, "function") as Promise<ResolvedFunction>)).then((fn) => {
    resolved.set(key, fn);
    return fn;
  });
  if (resolved.size >= MAX_RESOLVED) resolved.delete(resolved.keys().next().value as string);
  resolved.set(key, pending);
  pending.catch(() => resolved.delete(key));
  return pending;
}
