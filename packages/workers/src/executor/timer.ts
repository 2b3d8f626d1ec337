// Timers with a delay that a user chooses. Node runs a timer at once if its delay exceeds 2^31 − 1 ms.
import { setTimeout } from "./real-time.js";

/** The longest delay of a timer: about 25 days. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** As `setTimeout`. Limits the delay to the longest one, and rounds it up to a whole millisecond. */
export function startTimer(ms: number, then: () => unknown): NodeJS.Timeout {
  return setTimeout(then, Math.min(Math.ceil(ms), LONGEST_DELAY_MS));
}
