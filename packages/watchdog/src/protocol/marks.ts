// Marks that the watched thread sets in shared memory: the blocking call that runs, and allowed blocking.
// The watching thread reads them while the watched thread cannot answer.
import { monotonicMs } from "./monotonic.js";

/** Indexes into the Int32 words of the marks. */
export const mark = Object.freeze({
  /** The index of the running call in `blockingCalls()`, from 1; 0: none. */
  call: 0,
  /** The length of its first argument in `text`, in bytes. */
  textBytes: 1,
  /** The number of watching threads with an open stall. If it is above 0, a call that returns reports its stack. */
  stalls: 2,
  /** The duration of all allowed blocking that has ended, in milliseconds. */
  allowedMs: 3,
  /** The start of the running allowed blocking, in milliseconds after `base`, from 1; 0: none runs. */
  allowedSince: 4,
  count: 5,
});

const MOST_TEXT_BYTES = 160;

/** The marks of one thread, as its watching threads read them. */
export interface Marks {
  readonly words: Int32Array;
  readonly text: Uint8Array;
  /** The origin of `allowedSince`, in monotonic milliseconds. */
  readonly base: number;
}

/** The marks of this thread. All watchdogs of the thread read this one set. */
export const marks: Marks = Object.freeze({
  words: new Int32Array(new SharedArrayBuffer(mark.count * Int32Array.BYTES_PER_ELEMENT)),
  text: new Uint8Array(new SharedArrayBuffer(MOST_TEXT_BYTES)),
  base: monotonicMs(),
});

/** The duration of all allowed blocking until `now`, in milliseconds, including the one that runs. */
export function allowedMs({ words, base }: Marks, now: number): number {
  const since = Atomics.load(words, mark.allowedSince);
  return Atomics.load(words, mark.allowedMs) + (since === 0 ? 0 : Math.max(0, now - base - since));
}
