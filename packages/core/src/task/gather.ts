// gather(): awaits several awaitables at once, as one future that can be cancelled.
import { checkOptions, flag, type OptionTable } from "@offloop/workers/executor";
import { type CancelPass, cancelThrough } from "../future/cancel-through.js";
import { Future } from "../future/future.js";
import { orReject } from "../future/or-reject.js";
import type { EventLoop } from "../loop/host.js";
import { type Awaitables, ensureFutures, type ResultsOf } from "./ensure-future.js";

/** Options of `gather`. */
export interface GatherOptions<E extends boolean = boolean> {
  /** `true`: the results contain the error of an awaitable that failed. @default false */
  returnExceptions?: E | undefined;
}

const gatherOptionTypes: OptionTable<GatherOptions> = { returnExceptions: flag };

/**
 * Resolves with the results of all awaitables, in their order. Functions are started as tasks.
 *
 * The first failure rejects the future, and the other awaitables continue. With `returnExceptions`, the results contain
 * the errors. Cancelling the future cancels each pending awaitable. The future then rejects when all of them have ended.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
 */
export function gather<A extends Awaitables, E extends boolean = false>(awaitables: A, options?: GatherOptions<E>): Future<ResultsOf<A, E extends true ? Error : never>> {
  return orReject(() => {
    const { returnExceptions = false } = checkOptions("gather()", options, gatherOptionTypes as OptionTable<GatherOptions<E>>);
    return new Gathering(ensureFutures("gather", awaitables), returnExceptions) as Future<unknown[]>;
  }) as never;
}

class Gathering extends Future<unknown[]> {
  readonly passesCancel = true;
  readonly #children: readonly Future<unknown>[];
  readonly #returnExceptions: boolean;
  #left: number;
  #cancelRequested = false;

  constructor(children: readonly Future<unknown>[], returnExceptions: boolean) {
    super({ loop: children[0]?.getLoop() as EventLoop });
    this.#children = children;
    this.#returnExceptions = returnExceptions;
    const distinct = new Set(children);
    this.#left = distinct.size;
    if (this.#left === 0) this.setResult([]);
    const done: Future<unknown>[] = [];
    for (const child of distinct) {
      if (child.done()) done.push(child);
      else child.whenDone(() => this.#childDone(child));
    }
    for (const child of done) this.#childDone(child);
  }

  override get awaits(): Iterable<Future<unknown>> {
    return this.#children;
  }

  override cancel(message?: unknown): boolean {
    return cancelThrough(this.beginCancel(), message);
  }

  beginCancel(): CancelPass | undefined {
    if (this.done()) return undefined;
    const end = (told: boolean): boolean => {
      // The future settles when its children are done, because a child may finish in spite of its cancellation.
      if (told) this.#cancelRequested = true;
      return told;
    };
    return { parts: new Set(this.#children).values(), end }; // a child that is listed twice is cancelled once
  }

  #childDone(child: Future<unknown>): void {
    this.#left -= 1;
    if (this.done()) return void child.givesCancelled(); // marks a late error as seen
    if (!this.#returnExceptions) {
      if (child.cancelled()) return this.setException(child.takeCancelledError());
      if (child.rejected()) return this.setException(child.exception());
    }
    if (this.#left > 0) return;
    // The message is that of the last child in the list, as in asyncio.
    if (this.#cancelRequested) this.setException(this.#children.at(-1)!.takeCancelledError());
    else this.setResult(this.#children.map(outcome));
  }
}

function outcome(child: Future<unknown>): unknown {
  if (child.cancelled()) return child.cancelledErrorCopy();
  return child.rejected() ? child.exception() : child.result();
}
