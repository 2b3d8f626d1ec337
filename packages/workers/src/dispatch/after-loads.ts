// Main side: ends a thread when it requires no module. The thread counts its loads in executor/loads.ts.
import { now, setTimeout } from "../executor/real-time.js";

/** The time between two looks at the thread, in milliseconds. A load takes a few. */
const LOOK_MS = 1;

/** The longest time to wait for a thread, in milliseconds. Far above any load: a thread that was stopped in one is ended all the same. */
const LONGEST_LOAD_MS = 2_000;

/**
 * Calls `end` as soon as the thread loads nothing, at once if it loads nothing now. A thread that begins to load just
 * after that look is ended long before it links the module, which is the moment in which Node aborts.
 * @param loads the word in which the thread counts
 */
export function afterLoads(loads: Int32Array, end: () => void, until: number = now() + LONGEST_LOAD_MS): void {
  if (Atomics.load(loads, 0) === 0 || now() > until) return end();
  setTimeout(() => afterLoads(loads, end, until), LOOK_MS);
}
