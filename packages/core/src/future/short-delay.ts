// The warning of debug mode about a delay that was probably meant in seconds, as asyncio takes them.
import { getRunningLoop } from "../loop/running-loop.js";

/** @param of the function that got the delay, as the message names it */
export function warnOfSeconds(of: string, delayMs: number | undefined): void {
  if (delayMs === undefined || delayMs <= 0 || delayMs >= 1 || !getRunningLoop().debug) return;
  process.emitWarning(`${of} got ${delayMs}, which is less than a millisecond. Times are in milliseconds: for ${delayMs} s write ${delayMs * 1_000}.`, { code: "OFFLOOP_SHORT_DELAY" });
}
