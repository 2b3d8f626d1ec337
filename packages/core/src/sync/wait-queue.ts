// The line before a primitive: who waits, in the order of arrival. Every primitive has one.
//
//   enter() ─▶ asleep ──wakeNext()──▶ woken, not yet run ─▶ leave()
//                 └──── cancelled, not yet run ───────────▶ leave()
//
// A waiter leaves when its task runs again, not when it is woken: in between it still stands in line, so
// that nobody overtakes it. Entering, waking and leaving take the same time however long the line is.
import { InvalidStateError } from "../errors.js";
import { Future } from "../future/future.js";
import type { LoopHost } from "../loop/host.js";
import { getEventLoop } from "../loop/running-loop.js";

/** What one task waits for. It is woken once, or cancelled. */
export class Waiter extends Future<void> {
  /** Whether `wakeNext` has chosen it; also if its task was cancelled since. */
  woken = false;
  previous: Waiter | undefined;
  next: Waiter | undefined;
}

/** A waiter that a cancellation does not send away: the task hears of it when it is woken. */
export class SteadfastWaiter extends Waiter {
  override cancel(): boolean {
    return false;
  }
}

export class WaitQueue {
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #loop: LoopHost | undefined;
  #asleep = 0;
  #woken = 0;

  /** How many stand in line, those included that have been woken or cancelled and have not run since. */
  get size(): number {
    return this.#asleep + this.#woken;
  }

  /** How many have not been woken. */
  get asleep(): number {
    return this.#asleep;
  }

  /** Whether someone stands in line who is not cancelled. */
  get someoneWaits(): boolean {
    if (this.#woken > 0) return true;
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) if (!waiter.cancelled()) return true;
    return false;
  }

  /** @throws InvalidStateError who stands in line already belongs to another loop, which may not be running */
  enter(waiter: Waiter): Waiter {
    const loop = getEventLoop();
    if (this.size > 0 && this.#loop !== loop) throw new InvalidStateError("Tasks of another loop wait here: a lock, event or queue is for the tasks of one loop at a time. Make one for each loop.");
    this.#loop = loop;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#asleep += 1;
    return waiter;
  }

  /** To be called when the waiter's task runs again, whatever woke it. */
  leave(waiter: Waiter): void {
    if (waiter.woken) this.#woken -= 1;
    else this.#unlink(waiter);
  }

  /** Wakes the first who is not cancelled. @returns whether there was one */
  wakeNext(): boolean {
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) {
      if (waiter.done()) continue;
      this.#wake(waiter);
      return true;
    }
    return false;
  }

  /** Wakes the very first; one who is cancelled passes it on when its task runs, and nobody does before. */
  wakeFirst(): void {
    if (this.#woken > 0 || this.#first === undefined || this.#first.done()) return;
    this.#wake(this.#first);
  }

  /** Wakes all who are not cancelled. */
  wakeAll(): void {
    for (let waiter = this.#first; waiter !== undefined; ) {
      const { next } = waiter;
      if (!waiter.done()) this.#wake(waiter);
      waiter = next;
    }
  }

  #wake(waiter: Waiter): void {
    this.#unlink(waiter);
    waiter.woken = true;
    this.#woken += 1;
    waiter.setResult();
  }

  #unlink(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.#asleep -= 1;
  }
}
