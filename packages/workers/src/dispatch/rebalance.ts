// Takes calls back from workers that have not begun them, when another worker could run them: no call
// waits long behind a slow neighbour while a worker idles.
import type { Call } from "./call.js";
import type { Lane } from "./lane.js";

/**
 * Milliseconds without an answer after which a worker loses the calls that it has not begun: twice the work
 * that an envelope is expected to hold, so that a worker in time keeps its calls.
 */
export const SILENT_MS = 1;

/** Takes back what silent workers have not begun, oldest last. @param now on the clock of the world */
export function takeFromSilent(lanes: Iterable<Lane>, now: number): Call[] {
  const taken: Call[] = [];
  for (const lane of lanes) {
    if (!lane.shared || lane.held < 2 || !lane.awake || now - lane.heardAt < SILENT_MS) continue;
    lane.suspect();
    for (const call of lane.calls().reverse()) if (!call.pinned && lane.takeBack(call)) taken.push(call);
  }
  return taken;
}

/** The result of a look: nothing to do, look again after `SILENT_MS`, or the calls that were taken back, oldest last. */
export type Rebalance = "nothing" | "later" | readonly Call[];

/** Takes back the younger half of what the fullest worker has not begun, if another worker idles. */
export function rebalance(lanes: Iterable<Lane>, now: number): Rebalance {
  let idle = false;
  let donor: Lane | undefined;
  for (const lane of lanes) {
    if (lane.idle) idle ||= lane.phase === "ready";
    else if (lane.shared && (lane.held > 1 || lane.phase === "starting") && lane.held > (donor?.held ?? 0)) donor = lane;
  }
  if (!idle || donor === undefined) return "nothing";
  if (donor.phase !== "starting" && now - donor.heardAt < SILENT_MS) return "later";
  const calls = donor.calls();
  const from = donor;
  from.suspect();
  return calls
    .slice(Math.floor(calls.length / 2))
    .reverse()
    .filter((call) => !call.pinned && from.takeBack(call));
}
