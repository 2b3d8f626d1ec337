// WaitQueue: the line of waiters of a primitive, in the order of arrival. Every primitive has at least one.
//
//   enter() ─▶ asleep ──wakeNext()──▶ woken, not yet run ─▶ leave()
//                 └──── cancelled, not yet run ───────────▶ leave()
//
// A waiter leaves in its step, not when it is woken. It stays in line until then, so that no later waiter overtakes it.
// Entering, waking and leaving take constant time.
import { InvalidStateError } from "../errors.js";
import type { EventLoop, LoopHost } from "../loop/host.js";

/** A waiter in line; waiter.ts implements it. */
export interface Standing {
  place: "outside" | "asleep" | "woken" | "cancelled";
  previous: Standing | undefined;
  next: Standing | undefined;
  getLoop(): EventLoop;
  /** Schedules the waiter's next step. */
  scheduleStep(): void;
}

/** The line of one primitive, on one loop. */
export class WaitQueue {
  #first: Standing | undefined;
  #last: Standing | undefined;
  #loop: LoopHost | undefined;
  #asleep = 0;
  #woken = 0;

  /** The number of waiters in line, including those that were woken or cancelled and have not run since. */
  get size(): number {
    return this.#asleep + this.#woken;
  }

  /** The number of waiters that are not woken. */
  get asleep(): number {
    return this.#asleep;
  }

  /** Whether a waiter that is not cancelled is in line. */
  get someoneWaits(): boolean {
    this.#forgetClosedLoop();
    if (this.#woken > 0) return true;
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) if (waiter.place !== "cancelled") return true;
    return false;
  }

  /** @throws InvalidStateError the waiters in line belong to another loop, which may not be running */
  enter(waiter: Standing): void {
    this.#forgetClosedLoop();
    const loop = waiter.getLoop();
    if (this.size > 0 && this.#loop !== loop) throw new InvalidStateError("Tasks of another loop wait here. A lock, event or queue serves one loop at a time. Make one for each loop.");
    this.#loop = loop;
    waiter.place = "asleep";
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#asleep += 1;
  }

  /** Called in the waiter's step, after a wake-up or a cancellation. */
  leave(waiter: Standing): void {
    const { place } = waiter;
    waiter.place = "outside";
    if (waiter.getLoop() !== this.#loop) return; // forgotten with its loop
    if (place === "woken") this.#woken -= 1;
    else this.#unlink(waiter);
  }

  /** Wakes the first waiter that is not cancelled. @returns whether there was one */
  wakeNext(): boolean {
    this.#forgetClosedLoop();
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) {
      if (waiter.place !== "asleep") continue;
      this.#wake(waiter);
      return true;
    }
    return false;
  }

  /** Wakes the first waiter, unless it is cancelled. A cancelled waiter passes the turn on in its step, and no other waiter is woken before. */
  wakeFirst(): void {
    this.#forgetClosedLoop();
    if (this.#woken === 0 && this.#first?.place === "asleep") this.#wake(this.#first);
  }

  /** Wakes all waiters that are not cancelled. */
  wakeAll(): void {
    this.#forgetClosedLoop();
    for (let waiter = this.#first; waiter !== undefined; ) {
      const { next } = waiter;
      if (waiter.place === "asleep") this.#wake(waiter);
      waiter = next;
    }
  }

  #wake(waiter: Standing): void {
    this.#unlink(waiter);
    waiter.place = "woken";
    this.#woken += 1;
    waiter.scheduleStep();
  }

  #unlink(waiter: Standing): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.#asleep -= 1;
  }

  /** Drops the waiters of a closed loop. They can never run, and must not block later waiters. */
  #forgetClosedLoop(): void {
    if (this.#loop?.isClosed() !== true) return;
    this.#loop = undefined;
    this.#first = undefined;
    this.#last = undefined;
    this.#asleep = 0;
    this.#woken = 0;
  }
}
