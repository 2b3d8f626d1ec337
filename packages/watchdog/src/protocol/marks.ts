// Marks that the watched thread sets in shared memory: the blocking call that runs, the sums of short calls, and
// allowed blocking. The watching thread reads them while the watched thread cannot answer.
import { monotonicMs } from "./monotonic.js";

/** Indexes into the Int32 words of the marks. */
export const mark = Object.freeze({
  /** The index of the running call in `blockingCalls()`, from 1; 0: none. */
  call: 0,
  /** The length of its first argument in `text`, in bytes. */
  textBytes: 1,
  /** The number of watching threads with an open stall. If it is above 0, calls that return are told of or summed. */
  stalls: 2,
  /** The duration of all allowed blocking that has ended, in milliseconds. */
  allowedMs: 3,
  /** The start of the running allowed blocking, in milliseconds after `base`, from 1; 0: none runs. */
  allowedSince: 4,
  /** The number of marked calls so far, the running one included. It wraps around. */
  calls: 5,
  /** The number of the call that the watching thread saw running at two looks in a row, in `calls`. */
  seen: 6,
  count: 7,
});

/** Indexes into the Float64 times of the marks. */
export const time = Object.freeze({
  /** When the watching thread first saw the call `mark.seen`, in monotonic milliseconds. */
  seenSince: 0,
  /** How many calls with this index in `blockingCalls()` returned during stalls without being told of. */
  callsOf: (id: number) => 2 * id,
  /** An estimate of the time that these calls took, in milliseconds. */
  msOf: (id: number) => 2 * id + 1,
});

/** The times have room for this many kinds of calls. */
export const MOST_KINDS = 255;

const MOST_TEXT_BYTES = 160;

/** The marks of one thread, as its watching threads read them. */
export interface Marks {
  readonly words: Int32Array;
  readonly text: Uint8Array;
  readonly times: Float64Array;
  /** The origin of `allowedSince`, in monotonic milliseconds. */
  readonly base: number;
}

/** The marks of this thread. All watchdogs of the thread read this one set. */
export const marks: Marks = Object.freeze({
  words: new Int32Array(new SharedArrayBuffer(mark.count * Int32Array.BYTES_PER_ELEMENT)),
  text: new Uint8Array(new SharedArrayBuffer(MOST_TEXT_BYTES)),
  times: new Float64Array(new SharedArrayBuffer(time.msOf(MOST_KINDS) * 8 + 8)),
  base: monotonicMs(),
});

/** The duration of all allowed blocking until `now`, in milliseconds, including the one that runs. */
export function allowedMs({ words, base }: Marks, now: number): number {
  const since = Atomics.load(words, mark.allowedSince);
  return Atomics.load(words, mark.allowedMs) + (since === 0 ? 0 : Math.max(0, now - base - since));
}
