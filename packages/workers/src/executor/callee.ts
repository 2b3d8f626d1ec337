// What executors ask about a function that they are given and about the value that it returns: its name,
// whether the value has to be awaited, how to loop over it.
import { describeValue } from "./check-options.js";
import { InvalidArgumentError } from "./errors.js";
import type { CallTarget } from "./callable.js";

/** The name of a call that was given none. */
export function nameOfCallee(callee: CallTarget): string {
  if (typeof callee === "function") return callee.name || "(anonymous)";
  return typeof callee?.export === "string" ? callee.export : String(callee);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/**
 * The iterator of what a function that is streamed has returned.
 * @throws InvalidArgumentError the value is not iterable
 */
export function iteratorOf(value: unknown): Iterator<unknown, unknown> | AsyncIterator<unknown, unknown> {
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  if (typeof iterable?.[Symbol.asyncIterator] === "function") return iterable[Symbol.asyncIterator]!();
  if (typeof iterable?.[Symbol.iterator] === "function") return iterable[Symbol.iterator]!();
  throw new InvalidArgumentError(`stream() takes a function that returns an iterable, such as a generator function; this one returned ${describeValue(value)}. Write function*, or call submit().`);
}
