// A binary heap of timers, by time and then by the order of scheduling.
import type { TimerHandle } from "./handle.js";

interface Entry {
  readonly when: number;
  readonly sequence: number;
  readonly handle: TimerHandle;
}

export class TimerHeap {
  readonly #heap: Entry[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(handle: TimerHandle): void {
    const heap = this.#heap;
    const entry = { when: handle.when(), sequence: this.#sequence++, handle };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  /** When the next timer is due; cancelled ones at the front are dropped. */
  nextWhen(): number | undefined {
    while (this.#heap[0]?.handle.cancelled()) this.#pop();
    return this.#heap[0]?.when;
  }

  /** Takes out the next timer if it is due at `now`. */
  takeDue(now: number): TimerHandle | undefined {
    const when = this.nextWhen();
    return when !== undefined && when <= now ? this.#pop() : undefined;
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
