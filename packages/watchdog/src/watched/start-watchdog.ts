// startWatchdog(). The code that watches is loaded with the first watchdog, not with the package.
import { WatchdogFailedError } from "../errors.js";
import type { WatchdogOptions } from "../protocol/options.js";
import type { Sample } from "../protocol/sample.js";
import type { Watchdog } from "./watchdog.js";

/**
 * Watches the event loop of the calling thread from another thread. While the loop does not turn, the watchdog reports
 * the place, the duration, the number of stalls at the place, and what to do. Events and `onStall` follow when the loop
 * turns again. The watchdog does not keep the process alive.
 *
 * Each call starts one watching thread. A worker thread can watch its own loop in the same way.
 *
 * @param options `undefined`: the defaults
 * @throws WatchdogOptionError an option is unknown, or has a value that it does not take. WatchdogFailedError Node refuses
 * to start a thread, as under `--permission` without `--allow-worker`, or this is Bun or Deno
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
export function startSpooled(options: WatchdogOptions, spool: string | undefined): Watchdog & { sample(): Sample } {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  if (bun !== undefined || deno !== undefined) throw new WatchdogFailedError(`${bun === undefined ? "Deno" : "Bun"} lets no thread take the stack of another, so the watchdog needs Node`);
  const { ThreadWatchdog } = loadWatchdog();
  return new ThreadWatchdog(options, spool);
}

/** The paths are right from this file and from the bundle that ships: both lie one folder deep. `as-node.cjs` is written by scripts/doors.mjs. */
function loadWatchdog(): typeof import("./thread-watchdog.js") {
  const { createRequire, Module } = process.getBuiltinModule("node:module") as typeof import("node:module") & { readonly Module: { readonly _extensions: Record<".js", () => void> } };
  const require = createRequire(import.meta.url);
  const load = () => {
    try {
      return require("../watched/thread-watchdog.js") as typeof import("./thread-watchdog.js");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
      throw new WatchdogFailedError("the package is in a bundle, without the files of that thread. Add the plug-in of offloop/bundler to the bundler, or leave the packages of offloop out of the bundle", { cause });
    }
  };
  // tsx has replaced the loader by its own, of this name. It would make a copy of this package, with marks of its own.
  return Module._extensions[".js"].name === "transformer" ? (createRequire(import.meta.url)("../as-node.cjs") as <T>(load: () => T) => T)(load) : load();
}
