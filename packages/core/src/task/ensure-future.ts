// ensureFuture(): makes a cancellable future of anything that can be awaited.
import { type CallFuture, invalidArgument, isCallFuture } from "@offloop/workers/executor";
import { InvalidArgumentError } from "../errors.js";
import { isPromiseLike } from "../future/adopt.js";
import { Future, isFuture } from "../future/future.js";
import { asFuture } from "../future/wrap-future.js";
import { createTask } from "./task.js";

/** An argument of gather(), wait(), race() and similar functions: a future, a promise, or a function that they run as a task. */
export type Awaitable<T> = (() => T | PromiseLike<T>) | PromiseLike<T>;

/** The result of awaiting it. */
export type ResultOf<A> = A extends () => infer R ? Awaited<R> : Awaited<A>;

/**
 * An array, or another iterable, of awaitables. The function type makes the compiler infer `() => 1` as a function
 * that returns a number, and `[]` makes it infer an array as a tuple.
 */
export type Awaitables = Iterable<(() => unknown) | {} | null | undefined> | [];

/** The result of awaiting any one of several awaitables. */
export type AnyResultOf<A extends Awaitables> = A extends Iterable<infer E> ? ResultOf<E> : never;

/** The results of several awaitables, by position if the positions are known. `E`: the type of an error in place of a result. */
export type ResultsOf<A extends Awaitables, E = never> = A extends readonly unknown[] ? { -readonly [K in keyof A]: ResultOf<A[K]> | E } : (AnyResultOf<A> | E)[];

/**
 * Returns a future as it is. A function is started as a task. A future follows the call of an executor, and a task any
 * other promise.
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.ensure_future
 */
export function ensureFuture<A>(awaitable: A): Future<ResultOf<A>> {
  const future = asFuture(awaitable);
  if (isFuture(future)) return future as Future<ResultOf<A>>;
  if (typeof awaitable === "function" || isPromiseLike(awaitable)) return createTask(awaitable as Awaitable<unknown>) as unknown as Future<ResultOf<A>>;
  const known = new Future<ResultOf<A>>();
  known.setResult(awaitable as ResultOf<A>);
  return known;
}

/** The futures that stand for several awaitables: a call of an executor stands for itself. */
export type FuturesOf<A extends Awaitables> = A extends Iterable<infer E> ? CallsOf<E> | ([Exclude<E, CallsOf<E>>] extends [never] ? never : Future<ResultOf<Exclude<E, CallsOf<E>>>>) : never;

type CallsOf<E> = Extract<E, CallFuture<any>>;

/** The futures of several awaitables, each with the object to return in its place: a call of an executor is returned itself. */
export function givenFutures(what: string, awaitables: Iterable<unknown>): Map<Future<unknown>, Future<unknown> | CallFuture<unknown>> {
  const all = [...iterableOf(what, awaitables)];
  const given = new Map<Future<unknown>, Future<unknown> | CallFuture<unknown>>();
  for (const [index, future] of ensureFutures(what, all).entries()) {
    const object = all[index];
    if (isCallFuture(object) && !given.has(future)) future.whenDone(() => void future.givesCancelled()); // its error is the call's to report
    given.set(future, isCallFuture(object) ? object : future);
  }
  return given;
}

/** The futures of several awaitables. An awaitable that is listed twice has one future. */
export function ensureFutures(what: string, awaitables: Iterable<unknown>): Future<unknown>[] {
  const all = [...iterableOf(what, awaitables)];
  const loop = all.find(isFuture)?.getLoop();
  for (const each of all) if (isFuture(each) && each.getLoop() !== loop) throw new InvalidArgumentError(`${what}() was given futures of several loops. Pass futures of one loop only.`);
  const known = new Map<unknown, Future<unknown>>();
  return all.map((each) => {
    let future = known.get(each);
    if (future === undefined) known.set(each, (future = ensureFuture(each)));
    return future;
  });
}

function iterableOf(what: string, awaitables: Iterable<unknown>): Iterable<unknown> {
  if (typeof (awaitables as Iterable<unknown> | undefined)?.[Symbol.iterator] === "function" && typeof awaitables !== "string") return awaitables;
  throw invalidArgument(`${what}()`, "an iterable of futures, promises or async functions", awaitables, `${what}([a, b])`);
}
