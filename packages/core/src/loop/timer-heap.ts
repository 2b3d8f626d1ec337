// TimerHeap: timers in the order of (time, scheduling). Cancelled ones are dropped when they come to
// the front, or all at once when most of the heap is cancelled.
import type { TimerHandle } from "./handle.js";

/** Below this many cancelled timers a sweep is not worth its walk; as in asyncio. */
const MIN_CANCELLED = 100;

export class TimerHeap {
  #heap: TimerHandle[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** Timers that wait and have not been cancelled. */
  get live(): number {
    return this.#heap.length - this.#cancelled;
  }

  push(handle: TimerHandle): void {
    handle.sequence = this.#sequence++;
    this.#heap.push(handle);
    this.#up(this.#heap.length - 1, handle);
  }

  /** One that waits has been cancelled. */
  noteCancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled < MIN_CANCELLED || this.#cancelled * 2 < this.#heap.length) return;
    // Sorted, an array is a heap.
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
