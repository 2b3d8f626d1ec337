// Back-pressure: the callers of executor.ready() wait for room in the queue. The dispatcher computes the room, and
// calls `offer` whenever there may be more.
import { CancelledError } from "../executor/errors.js";
import { onAbort } from "../executor/signal-hub.js";
import type { World } from "./world.js";

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Grants room to waiting callers in the order of arrival, and never more than there is. */
export class QueueRoom {
  readonly #room: () => number;
  readonly #world: World;
  readonly #waiting = new Set<Waiter>();
  /** Callers that were told of room in this turn of the event loop, and may not have used it yet. */
  #granted = 0;

  /** @param room how many calls could be submitted now */
  constructor(world: World, room: () => number) {
    this.#world = world;
    this.#room = room;
  }

  /** Whether a caller waits. */
  get awaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Resolves when there is room, which is kept for the caller until the event loop turns. @throws CancelledError by `signal` */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    const cancelled = (): Error => new CancelledError("ready() was cancelled", { cause: signal?.reason });
    if (signal?.aborted) throw cancelled();
    if (!this.awaited && this.#room() > this.#granted) return this.#grant();
    const stop: { listening?: () => void } = {};
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter = { resolve, reject };
        this.#waiting.add(waiter);
        if (signal !== undefined) stop.listening = onAbort(signal, () => this.#waiting.delete(waiter) && reject(cancelled()));
      });
    } finally {
      stop.listening?.();
    }
  }

  /** There may be more room than before. */
  offer(): void {
    for (const waiter of this.#waiting) {
      if (this.#room() <= this.#granted) return;
      this.#waiting.delete(waiter);
      this.#grant();
      waiter.resolve();
    }
  }

  /** There will be no more room: rejects all waiting callers. */
  close(error: Error): void {
    for (const waiter of this.#waiting) waiter.reject(error);
    this.#waiting.clear();
  }

  #grant(): void {
    this.#granted += 1;
    if (this.#granted > 1) return;
    this.#world.nextTurn(() => {
      this.#granted = 0;
      this.offer();
    });
  }
}
