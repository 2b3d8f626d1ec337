// ensureFuture(): whatever can be awaited, as a future that can be cancelled.
import { invalidArgument } from "@offloop/workers/executor";
import { InvalidArgumentError } from "../errors.js";
import { isPromiseLike } from "../future/adopt.js";
import { Future, isFuture } from "../future/future.js";
import { createTask } from "./task.js";

/** What the functions that compose take: a future, a promise, or a function that they run as a task. */
export type Awaitable<T> = (() => T | PromiseLike<T>) | PromiseLike<T>;

/** What awaiting it gives. */
export type ResultOf<A> = A extends () => infer R ? Awaited<R> : Awaited<A>;

/**
 * What the functions for several take: an array, or another iterable, of anything. The function type has
 * `() => 1` inferred as a function that gives a number, and `[]` has an array inferred as a tuple.
 */
export type Awaitables = Iterable<(() => unknown) | {} | null | undefined> | [];

/** What awaiting any of several gives. */
export type AnyResultOf<A extends Awaitables> = A extends Iterable<infer E> ? ResultOf<E> : never;

/** The results of several, by position where these are known. `E`: what may stand in the place of a result. */
export type ResultsOf<A extends Awaitables, E = never> = A extends readonly unknown[] ? { -readonly [K in keyof A]: ResultOf<A[K]> | E } : (AnyResultOf<A> | E)[];

/**
 * A future stays what it is; a function is started as a task; a promise, or a plain value, is followed by one.
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future
 */
export function ensureFuture<A>(awaitable: A): Future<ResultOf<A>> {
  if (isFuture(awaitable)) return awaitable as Future<ResultOf<A>>;
  if (typeof awaitable === "function" || isPromiseLike(awaitable)) return createTask(awaitable as Awaitable<unknown>) as unknown as Future<ResultOf<A>>;
  const future = new Future<ResultOf<A>>();
  future.setResult(awaitable as ResultOf<A>);
  return future;
}

/** The futures of several, one for each that is there; the same one twice is one future. */
export function ensureFutures(what: string, awaitables: Iterable<unknown>): Future<unknown>[] {
  if (typeof (awaitables as Iterable<unknown> | undefined)?.[Symbol.iterator] !== "function" || typeof awaitables === "string") {
    throw invalidArgument(`${what}()`, "an iterable of futures, promises or async functions", awaitables, `${what}([a, b])`);
  }
  const all = [...awaitables];
  const loop = all.find(isFuture)?.getLoop();
  for (const each of all) if (isFuture(each) && each.getLoop() !== loop) throw new InvalidArgumentError(`${what}() was given futures of several loops: each loop runs what it made.`);
  const known = new Map<unknown, Future<unknown>>();
  return all.map((each) => {
    let future = known.get(each);
    if (future === undefined) known.set(each, (future = ensureFuture(each)));
    return future;
  });
}
