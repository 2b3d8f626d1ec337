// The deadlines of a call: timers that are stopped when the call leaves the books.
import type { Call } from "./call.js";
import type { World } from "./world.js";

/** Runs `then` after `ms`, unless the call has settled. */
export function after(world: World, call: Call, ms: number, then: () => void): void {
  const timer = world.after(ms, then);
  call.onSettled(() => timer.stop());
}

/** Runs `expired` when the call has run for its `runTimeoutMs`, counted from its start on the worker. */
export function watchRun(world: World, call: Call, expired: () => void, afterMs = call.options.runTimeoutMs): void {
  after(world, call, afterMs, () => {
    if (call.phase !== "sent") return;
    const left = call.options.runTimeoutMs - call.lane!.ranFor(call);
    if (left > 0) watchRun(world, call, expired, left);
    else expired();
  });
}
