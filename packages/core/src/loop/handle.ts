// Handles: scheduled callbacks, which can be cancelled until they run.
import { AsyncResource } from "node:async_hooks";
import { classNameOf, functionName, inspectAs } from "@offloop/workers/executor";
import type { EventLoop } from "./host.js";
import { defaultLoopIfAny } from "./running-loop.js";
import { isOutsideTasksOf, runOutsideTasks } from "./strand.js";
import type { Callback } from "./job.js";
import { framesOfUsers } from "./own-frames.js";
import type { HandleDescription } from "./job.js";

/**
 * A scheduled callback. It runs in the asynchronous context in which it was scheduled, but outside tasks.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle
 */
export class Handle {
  static {
    inspectAs<Handle>(this.prototype, (handle) => `${classNameOf(handle)} [${[handle.#name, ...(handle instanceof TimerHandle ? [`when: ${handle.when()}`] : []), ...(handle.#cancelled ? ["cancelled"] : [])].join(", ")}]`);
  }

  #callback: Callback | undefined;
  #args: readonly unknown[];
  #cancelled = false;
  readonly #name: string;
  readonly #context = new AsyncResource("offloop.Handle", { requireManualDestroy: true });
  /** The loop that the callback has to be told of, because its context tells another place. */
  readonly #loop: EventLoop | undefined;
  readonly #origin: object | undefined;

  constructor(callback: Callback, args: readonly unknown[], loop: EventLoop) {
    this.#loop = (isOutsideTasksOf(loop) ?? defaultLoopIfAny() === loop) ? undefined : loop;
    this.#callback = callback;
    this.#args = args;
    this.#name = functionName(callback) || "(anonymous)";
    if (loop.debug) Error.captureStackTrace((this.#origin = {}), new.target);
  }

  /** Cancels the callback. Has no effect once the callback has run. */
  cancel(): void {
    this.#cancelled = true;
    this.#callback = undefined;
    this.#args = [];
  }

  /** Whether `cancel()` was called, though the callback may have run before. */
  cancelled(): boolean {
    return this.#cancelled;
  }

  /** For the scheduler. Throws what the callback throws. @internal */
  run(): void {
    const callback = this.#callback as Callback<unknown[]> | undefined;
    if (callback === undefined) return;
    if (this.#loop === undefined) this.#context.runInAsyncScope(callback, undefined, ...this.#args);
    else this.#context.runInAsyncScope(() => runOutsideTasks(() => callback(...this.#args), this.#loop));
  }

  /** @internal */
  describe(): HandleDescription {
    const createdAt = this.#origin && framesOfUsers(this.#origin)[0];
    return createdAt === undefined ? { name: this.#name } : { name: this.#name, createdAt };
  }
}

/**
 * A callback with a due time.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.TimerHandle
 */
export class TimerHandle extends Handle {
  readonly #when: number;
  /** For the heap: at equal times, the handle that was scheduled first runs first. @internal */
  sequence = 0;
  /** For the scheduler: called when the handle is cancelled while it waits. @internal */
  onCancel: (() => void) | undefined;

  constructor(when: number, callback: Callback, args: readonly unknown[], loop: EventLoop) {
    super(callback, args, loop);
    this.#when = when;
  }

  /** On the loop's clock, in milliseconds. */
  when(): number {
    return this.#when;
  }

  override cancel(): void {
    if (this.cancelled()) return;
    super.cancel();
    this.onCancel?.();
  }
}
