// The warning of debug mode about a body that a deadline could not interrupt.
import type { EventLoop } from "../loop/host.js";

/**
 * Called at the end of a body that had a deadline.
 * @param of the function that ran the body, as the message names it
 * @param deadline on the clock of `loop`
 */
export function warnOfLateEnd(of: string, loop: EventLoop, deadline: number | undefined): void {
  if (!loop.debug || deadline === undefined) return;
  const lateMs = loop.time() - deadline;
  if (lateMs <= loop.slowCallbackDurationMs) return;
  process.emitWarning(`The body of ${of} ended ${lateMs.toFixed(0)} ms after its deadline, because it computed, or awaited what cannot be cancelled. Pass its signal on, or give what it computes to toThread().`, { code: "OFFLOOP_LATE_END" });
}
