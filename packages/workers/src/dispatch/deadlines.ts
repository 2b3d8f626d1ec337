// The deadlines of workers, and those of a call: timers that are stopped when the call leaves the books.
import type { Call } from "./call.js";
import type { Timer, World } from "./world.js";

/** The number of parts of a worker's deadline. Each part ends in a turn of its own. */
const PARTS = 10;

/**
 * Milliseconds for which a call may be the next one of its worker without being begun, after its `runTimeoutMs`.
 * Code that an earlier call left behind may block the worker for that long. A guess.
 */
export const BEGIN_MS = 10_000;

/**
 * Runs `then` after `ms`, measured in parts. A stretch in which the event loop does not turn counts as one part at
 * most: a blocked program, or a suspended machine, does not use up the time of its workers.
 */
export function patiently(world: World, ms: number, then: () => void, parts = PARTS): Timer {
  let timer: Timer;
  const wait = (left: number): void => {
    timer = world.after(ms / parts, () => (left > 1 ? wait(left - 1) : then()));
  };
  wait(parts);
  return { stop: () => timer.stop() };
}

/** Runs `then` after `ms`, unless the call has settled. */
export function after(world: World, call: Call, ms: number, then: () => void): void {
  const timer = world.after(ms, then);
  call.onSettled(() => timer.stop());
}

/** What happens when a run deadline passes. */
export interface RunDeadline {
  /** The call has run for its `runTimeoutMs`, counted from its start on the worker. */
  expired(): void;
  /** The worker has had nothing else to do for `BEGIN_MS`, and has not begun the call. */
  neverBegan(): void;
}

/** Watches the run deadline of a call that is being sent. */
export function watchRun(world: World, call: Call, deadline: RunDeadline): void {
  const { runTimeoutMs } = call.options;
  let overdueMs = 0;
  const look = (): void => {
    if (call.phase !== "sent") return;
    const left = runTimeoutMs - call.lane!.ranFor(call);
    if (left <= 0) return deadline.expired();
    const owed = call.lane!.owesStart(call);
    if (owed && overdueMs >= BEGIN_MS) return deadline.neverBegan();
    const nextMs = owed ? Math.min(left, BEGIN_MS / PARTS) : left;
    overdueMs = owed ? overdueMs + nextMs : 0;
    timer = world.after(nextMs, look);
  };
  let timer = world.after(runTimeoutMs, look);
  call.onSettled(() => timer.stop());
}
