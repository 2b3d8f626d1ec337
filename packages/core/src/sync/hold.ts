// What acquire() gives: the right to release, once. `using` releases at the end of the block.
import { invalidArgument } from "@offloop/workers/executor";
import type { Abortable } from "./waiter.js";

/** What can be released. */
interface Releasable {
  release(): void;
}

/**
 * What was acquired, until it is released: at the end of the block, where it was declared with `using`
 * or `await using`, or by `release()`. Whoever prefers Python's pairs calls the primitive's own
 * `release()` instead, and lets the hold be.
 * @example
 * {
 *   using held = await lock.acquire();
 *   await work();
 * } // released here, also when work() throws or the task is cancelled
 * @see https://docs.python.org/3/reference/compound_stmts.html#async-with
 */
export class Hold implements Disposable, AsyncDisposable {
  #of: Releasable | undefined;

  /** For the primitives: `acquire()` makes it. @internal */
  constructor(of: Releasable) {
    this.#of = of;
  }

  /** Whether it was released through this hold. */
  get released(): boolean {
    return this.#of === undefined;
  }

  /** Releases it; the second time does nothing. */
  release(): void {
    const of = this.#of;
    this.#of = undefined;
    of?.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/** Runs `body` between an acquire and a release. For all primitives that have both. */
export async function runHolding<T>(primitive: { acquire(options?: Abortable): PromiseLike<Hold> }, body: () => T | PromiseLike<T>, options: Abortable | undefined): Promise<T> {
  if (typeof body !== "function") throw invalidArgument("hold()", "an async function to run", body, "lock.hold(async () => { … })");
  const hold = await primitive.acquire(options);
  try {
    return await body();
  } finally {
    hold.release();
  }
}
