// TimerHeap: timers in the order of (time, scheduling). Cancelled ones are dropped when they come to
// the front, or all at once when most of the heap is cancelled.
import type { TimerHandle } from "./handle.js";

/** Below this many cancelled timers a sweep is not worth its walk; as in asyncio. */
const MIN_CANCELLED = 100;

interface Entry {
  readonly when: number;
  readonly sequence: number;
  readonly handle: TimerHandle;
}

export class TimerHeap {
  #heap: Entry[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** Timers that wait and have not been cancelled. */
  get live(): number {
    return this.#heap.length - this.#cancelled;
  }

  push(handle: TimerHandle): void {
    const entry = { when: handle.when(), sequence: this.#sequence++, handle };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1, entry);
  }

  /** One that waits has been cancelled. */
  noteCancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled < MIN_CANCELLED || this.#cancelled * 2 < this.#heap.length) return;
    // Sorted, an array is a heap.
    this.#heap = this.#heap.filter(({ handle }) => !handle.cancelled()).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  /** When the next timer is due. */
  nextWhen(): number | undefined {
    while (this.#heap[0]?.handle.cancelled()) {
      this.#pop();
      this.#cancelled = Math.max(0, this.#cancelled - 1);
    }
    return this.#heap[0]?.when;
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

  #up(index: number, entry: Entry): void {
    const heap = this.#heap;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): TimerHandle {
    const heap = this.#heap;
    const { handle } = heap[0]!;
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

function before(a: Entry, b: Entry): boolean {
  return a.when < b.when || (a.when === b.when && a.sequence < b.sequence);
}
