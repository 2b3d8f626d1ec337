// The deadlines of a call: timers that are cleared when it leaves the books.
import { startTimer } from "../executor/timer.js";
import { sharedNow } from "../protocol/slots.js";
import type { Call } from "./call.js";

/** Runs `then` after `ms`, unless the call has settled. */
export function after(call: Call, ms: number, then: () => void): void {
  const timer = startTimer(ms, then);
  call.onSettled(() => clearTimeout(timer));
}

/**
 * Runs `expired` when the call has run for its `runTimeoutMs`: counted from when its worker claimed it;
 * without shared memory from when it was sent.
 */
export function watchRun(call: Call, expired: () => void, afterMs = call.options.runTimeoutMs): void {
  after(call, afterMs, () => {
    const { runTimeoutMs } = call.options;
    if (call.phase !== "sent") return;
    const progress = call.lane!.progress(call);
    const left = progress === undefined ? 0 : progress.state === "queued" ? runTimeoutMs : progress.startedAt + runTimeoutMs - sharedNow();
    if (left > 0) watchRun(call, expired, left);
    else expired();
  });
}
