// How many waiting calls go to a worker at once. An envelope saves the cost of one message a call. Its
// calls can no longer go to another worker as easily, so it holds little work.
import type { Call } from "./call.js";
import type { CallQueue } from "./call-queue.js";
import type { Lane } from "./lane.js";

/**
 * Microseconds of expected work that a worker may hold: ten times what a message costs, so that messages
 * cost at most a tenth of the time, and the longest that a call waits behind its expected neighbours.
 */
export const ENVELOPE_MICROS = 500;

/** A worker that holds fewer microseconds of work than this is sent more, so that it does not run dry: half of an envelope. */
export const REFILL_BELOW_MICROS = 250;

/**
 * A busy worker may hold one further call of up to this many microseconds, so that it does not wait for two
 * messages between two calls. rebalance.ts takes the call back when it waits there for longer.
 */
export const NEXT_MICROS = 1_000;

/**
 * Microseconds that one message costs, about: the time of both threads and the way. Less work than this is
 * not spread over several workers, and a busy worker that is done sooner gets it.
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

/** Whether a worker that runs one call can hold a second one, which is taken back if the first one lasts. */
export function mayHoldNext(lane: Lane): boolean {
  return lane.shared && lane.held === 1 && lane.phase !== "silent" && lane.likelyMicros <= NEXT_MICROS;
}
