// Takes calls back from workers that have not begun them, if another worker could run them. So no call waits long
// behind a slow neighbour (head-of-line blocking) while a worker is idle.
import type { Call } from "./call.js";
import type { Lane } from "./lane.js";

/**
 * A worker that has not answered for this many milliseconds loses the calls that it has not begun. This is twice the
 * expected work of an envelope, so a worker that runs as expected keeps its calls.
 */
export const SILENT_MS = 1;

/** Takes back the calls that silent workers have not begun, oldest last. @param now on the clock of the world */
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

/** If a worker is idle: takes back the younger half of the calls of the worker that holds most, as far as it has not begun them. */
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
