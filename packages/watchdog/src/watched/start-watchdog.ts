// startWatchdog(). The code that watches is loaded with the first watchdog, not with the package.
import type { WatchdogOptions } from "../protocol/options.js";
import type { Watchdog } from "./watchdog.js";

/**
 * Watches the event loop of the calling thread from another thread. While the loop does not turn, the watchdog reports
 * the place, the duration, the number of stalls at the place, and what to do. Events and `onStall` follow when the loop
 * turns again. The watchdog does not keep the process alive.
 *
 * Each call starts one watching thread. A worker thread can watch its own loop in the same way.
 *
 * @param options `undefined`: the defaults
 * @throws WatchdogOptionError an option is unknown, or has a value that it does not take
 * @example
 * ```ts
 * import { startWatchdog } from "@offloop/watchdog";
 * const watchdog = startWatchdog({ thresholdMs: 50, onStall: (stall) => console.log(stall.place, stall.durationMs) });
 * // …
 * await watchdog.stop();
 * ```
 * @see https://docs.python.org/3/library/asyncio-dev.html#debug-mode which reports a slow callback after it has ended
 */
export function startWatchdog(options: WatchdogOptions = {}): Watchdog {
  return startSpooled(options, undefined);
}

/** As `startWatchdog`. @param spool the folder for a file of events that `offloop watch` reads */
export function startSpooled(options: WatchdogOptions, spool: string | undefined): Watchdog {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  const { ThreadWatchdog } = process.getBuiltinModule("node:module").createRequire(import.meta.url)("../watched/thread-watchdog.js") as typeof import("./thread-watchdog.js");
  return new ThreadWatchdog(options, spool);
}
