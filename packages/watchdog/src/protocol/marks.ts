// Marks that the watched thread leaves in shared memory while it runs, for the watching thread to
// read when it can no longer ask: the blocking call that it is in, and blocking that is allowed.
import { monotonicMs } from "./monotonic.js";

/** Indexes into the Int32 words of the marks. */
export const mark = Object.freeze({
  /** Index of the running call in `blockingCalls`, from 1; 0: none. */
  call: 0,
  /** Bytes of its first argument in `text`. */
  textBytes: 1,
  /** How many watching threads have a stall open: then a call that returns says where it was made. */
  stalls: 2,
  /** Milliseconds of allowed blocking that is over. */
  allowedMs: 3,
  /** When the running allowed blocking began, in milliseconds after `base`, from 1; 0: none runs. */
  allowedSince: 4,
  count: 5,
});

const mostTextBytes = 160;

/** What a watching thread is given of them. */
export interface Marks {
  readonly words: Int32Array;
  readonly text: Uint8Array;
  /** Monotonic milliseconds that `allowedSince` counts from. */
  readonly base: number;
}

/** The marks of this thread: one set, however many watchdogs read it. */
export const marks: Marks = Object.freeze({
  words: new Int32Array(new SharedArrayBuffer(mark.count * Int32Array.BYTES_PER_ELEMENT)),
  text: new Uint8Array(new SharedArrayBuffer(mostTextBytes)),
  base: monotonicMs(),
});

/** Milliseconds of allowed blocking until `now`, the running one included. */
export function allowedMs({ words, base }: Marks, now: number): number {
  const since = Atomics.load(words, mark.allowedSince);
  return Atomics.load(words, mark.allowedMs) + (since === 0 ? 0 : Math.max(0, now - base - since));
}
