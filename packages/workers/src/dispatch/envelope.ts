// Decides how many waiting calls go to a worker in one message, the envelope. An envelope saves a message for each
// call. Its calls cannot go to another worker as easily as queued ones (head-of-line blocking), so it holds little work.
import type { Call } from "./call.js";
import type { CallQueue } from "./call-queue.js";
import type { Lane } from "./lane.js";

/**
 * The expected work that a worker may hold, in microseconds: ten times the cost of a message. Messages then cost at
 * most a tenth of the time, and a call waits at most this long behind its neighbours if they run as expected.
 */
export const ENVELOPE_MICROS = 500;

/** A worker with less expected work than this gets more, so that it does not run dry. In microseconds: half of an envelope. */
export const REFILL_BELOW_MICROS = 250;

/**
 * A busy worker may hold one further call of up to this many microseconds, so that it does not wait for two
 * messages between two calls. rebalance.ts takes the call back when it waits there for longer.
 */
export const NEXT_MICROS = 1_000;

/**
 * The approximate cost of one message, in microseconds: the time of both threads and the latency. Less work than this
 * is not spread over several workers: it goes to a busy worker that will be done sooner.
 */
export const MESSAGE_MICROS = 50;

/**
 * Takes the calls for the next envelope of `lane` out of the queue. A call that runs long, or whose
 * function has not been measured, goes alone: to an idle worker, or as the next call of a busy one.
 * @param share the most calls to take, so that a burst spreads over all workers
 */
export function takeEnvelope(queue: CallQueue<Call>, lane: Lane, share: number): Call[] {
  const envelope: Call[] = [];
  let room = ENVELOPE_MICROS - lane.expectedMicros;
  const most = Math.min(share, lane.room);
  while (envelope.length < most) {
    const next = queue.peek();
    if (next === undefined) break;
    const expected = next.forecastMicros;
    if (next.alone || expected === 0 || expected > room) {
      if (envelope.length > 0 || !(lane.idle || (!next.alone && next.likelyMicros <= NEXT_MICROS && mayHoldNext(lane)))) break;
      envelope.push(queue.take()!);
      break;
    }
    room -= expected;
    envelope.push(queue.take()!);
  }
  return envelope;
}

/** Whether a worker that runs one call can hold a second call, which is taken back if the first call runs long. */
export function mayHoldNext(lane: Lane): boolean {
  return lane.shared && lane.held === 1 && lane.phase !== "silent" && lane.likelyMicros <= NEXT_MICROS;
}
