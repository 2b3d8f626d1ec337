// Handles: callbacks that have been scheduled, and can be cancelled until they run.
import { AsyncResource } from "node:async_hooks";
import type { HandleDescription } from "./running-handle.js";

type Callback = (...args: never[]) => unknown;

let lastId = 0;

/**
 * A scheduled callback. It runs in the asynchronous context of its scheduling.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Handle
 */
export class Handle {
  readonly id = (lastId = (lastId + 1) & 0x7fff_ffff);
  #callback: Callback | undefined;
  #args: readonly unknown[];
  readonly #context = new AsyncResource("offloop.Handle", { requireManualDestroy: true });

  constructor(callback: Callback, args: readonly unknown[]) {
    this.#callback = callback;
    this.#args = args;
  }

  /** The callback will not run. No effect once it has. */
  cancel(): void {
    this.#callback = undefined;
    this.#args = [];
  }

  cancelled(): boolean {
    return this.#callback === undefined;
  }

  /** For the scheduler. What the callback throws is thrown. */
  run(): void {
    const callback = this.#callback;
    if (callback !== undefined) this.#context.runInAsyncScope(callback as (...args: unknown[]) => unknown, undefined, ...this.#args);
  }

  describe(): HandleDescription {
    return { name: this.#callback?.name || "(anonymous)" };
  }
}

/** A callback that waits for its time. */
export class TimerHandle extends Handle {
  readonly #when: number;

  constructor(when: number, callback: Callback, args: readonly unknown[]) {
    super(callback, args);
    this.#when = when;
  }

  /** On the loop's clock, in milliseconds. */
  when(): number {
    return this.#when;
  }
}
