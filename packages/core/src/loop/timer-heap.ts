// TimerHeap: timers by time, and at equal times in the order of scheduling. A cancelled timer is dropped when it reaches
// the front, or together with others when half of the heap is cancelled.
import type { TimerHandle } from "./handle.js";

/** With fewer cancelled timers a sweep costs more than it saves. As in asyncio. */
const MIN_CANCELLED = 100;

/** A binary heap: adding and taking cost logarithmic time. */
export class TimerHeap {
  #heap: TimerHandle[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** The number of waiting timers that have not been cancelled. */
  get live(): number {
    return this.#heap.length - this.#cancelled;
  }

  push(handle: TimerHandle): void {
    handle.sequence = this.#sequence++;
    this.#heap.push(handle);
    this.#up(this.#heap.length - 1, handle);
  }

  /** A waiting timer was cancelled. */
  noteCancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled < MIN_CANCELLED || this.#cancelled * 2 < this.#heap.length) return;
    // A sorted array is a heap.
    this.#heap = this.#heap.filter((handle) => !handle.cancelled()).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  /** When the next timer is due. */
  nextWhen(): number | undefined {
    while (this.#heap[0]?.cancelled()) {
      this.#pop();
      this.#cancelled = Math.max(0, this.#cancelled - 1);
    }
    return this.#heap[0]?.when();
  }

  /** Takes out the next timer if it is due at `now`. */
  takeDue(now: number): TimerHandle | undefined {
    const when = this.nextWhen();
    return when !== undefined && when <= now ? this.#pop() : undefined;
  }

  clear(): void {
    this.#heap = [];
    this.#cancelled = 0;
  }

  #up(index: number, handle: TimerHandle): void {
    const heap = this.#heap;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(handle, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = handle;
  }

  #pop(): TimerHandle {
    const heap = this.#heap;
    const handle = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return handle;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return handle;
  }
}

function before(a: TimerHandle, b: TimerHandle): boolean {
  const [whenA, whenB] = [a.when(), b.when()];
  return whenA < whenB || (whenA === whenB && a.sequence < b.sequence);
}
