// Helpers of executors for the functions that they call: the name of a function, whether its result must be awaited,
// and the iterator of its result.
import { describeValue, invalidArgument } from "./check-options.js";
import { InvalidArgumentError } from "./errors.js";
import type { CallTarget } from "./callable.js";
import { functionName } from "./text-of.js";

/** The name of a call without the option `name`. */
export function nameOfCallee(callee: CallTarget): string {
  if (typeof callee === "function") return functionName(callee) || "(anonymous)";
  return typeof callee?.export === "string" ? callee.export : describeValue(callee);
}

/** The error of a call that was given neither a function nor a reference. */
export function noFunction(given: unknown): InvalidArgumentError {
  return invalidArgument("A call", "a function, or a reference made by workerModule()", given);
}

/** Whether a value must be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/**
 * What an iterator's `next()` gave, as the language reads it.
 * @throws TypeError it is no object, and so has no end either
 */
export function checkedStep<T>(step: T): T {
  if (typeof step === "function" || (typeof step === "object" && step !== null)) return step;
  throw new TypeError(`The iterator's next() gave ${describeValue(step)}, and not an object. Return { done, value }.`);
}

/**
 * The iterator of the result of a function that `stream()` runs.
 * @throws InvalidArgumentError the value is not iterable
 */
export function iteratorOf(value: unknown): Iterator<unknown, unknown> | AsyncIterator<unknown, unknown> {
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  if (typeof iterable?.[Symbol.asyncIterator] === "function") return iterable[Symbol.asyncIterator]!();
  if (typeof iterable?.[Symbol.iterator] === "function") return iterable[Symbol.iterator]!();
  throw new InvalidArgumentError(`stream() takes a function that returns an iterable, such as a generator function; this one returned ${describeValue(value)}. Write function*, or call submit().`);
}
