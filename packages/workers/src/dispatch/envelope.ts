// How many waiting calls go to a worker at once. An envelope saves the cost of a message for each
// call, and costs the freedom to give the call to somebody else: so it holds little work.
import type { Call } from "./call.js";
import type { CallQueue } from "./call-queue.js";
import type { Lane } from "./lane.js";

/**
 * Microseconds of expected work that a worker may hold: enough to hide the way of a message (about
 * 50 µs), little enough that a call never waits long behind its neighbours.
 */
export const ENVELOPE_MICROS = 500;

/** A worker that holds less than this is sent more before it runs dry. */
export const REFILL_BELOW_MICROS = 250;

/**
 * A longer call may wait at a busy worker too, one of them, so that the worker need not wait for the way of
 * two messages between calls; if it waits there for longer than this, somebody else gets it (rebalance.ts).
 */
export const NEXT_MICROS = 1_000;

/**
 * What it costs to have a worker look at a message, about: the two threads' time and the way. Less work
 * than this is not spread over several workers, and a busy worker that will soon be done gets it too.
 */
export const MESSAGE_MICROS = 50;

/**
 * Takes the calls for the next envelope of `lane` out of the queue. A call that runs long, or whose
 * function has not been measured, goes alone to an idle worker; or as the next to a busy one.
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

/** Whether a worker that runs one call can be sent another one that is taken back if the first one lasts. */
export function mayHoldNext(lane: Lane): boolean {
  return lane.shared && lane.held === 1 && lane.phase !== "silent" && lane.likelyMicros <= NEXT_MICROS;
}
