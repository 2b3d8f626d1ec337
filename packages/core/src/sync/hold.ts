// The result of acquire(): the right to release, once. `using` releases at the end of the block.
import { invalidArgument } from "@offloop/workers/executor";
import { type Abortable, checkAbortable } from "./waiter.js";

/** A primitive that can be released. */
interface Releasable {
  release(): void;
}

/**
 * An acquired lock, permit or token. It is released at the end of the block that declared it with `using` or
 * `await using`, or by `release()`. Code that pairs `acquire()` with the primitive's own `release()`, as in
 * Python, can ignore the hold.
 * @example
 * {
 *   using held = await lock.acquire();
 *   await work();
 * } // released here, also when work() throws or the task is cancelled
 * @see https://docs.python.org/3/reference/compound_stmts.html#async-with
 */
export class Hold implements Disposable, AsyncDisposable {
  #of: Releasable | undefined;

  /** Made by `acquire()`. @internal */
  constructor(of: Releasable) {
    this.#of = of;
  }

  /** Whether this hold was released. */
  get released(): boolean {
    return this.#of === undefined;
  }

  /** Releases the hold. A second call does nothing. */
  release(): void {
    const of = this.#of;
    this.#of = undefined;
    of?.release();
  }

  /** As `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** As `release()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/**
 * Runs `body` between an acquire and a release, for every primitive that has both.
 * @param of the method that was called, as messages name it
 */
export async function runHolding<T>(primitive: { acquire(options?: Abortable): PromiseLike<Hold> }, body: () => T | PromiseLike<T>, options: Abortable | undefined, of: string): Promise<T> {
  if (typeof body !== "function") throw invalidArgument(of, "an async function to run", body, "lock.hold(async () => { … })");
  const hold = await primitive.acquire(checkAbortable(of, options));
  try {
    return await body();
  } finally {
    hold.release();
  }
}
