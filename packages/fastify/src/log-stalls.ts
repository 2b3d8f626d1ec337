// A watchdog that writes to the server's log.
import { formatStall, startWatchdog, type Watchdog, type WatchdogOptions } from "@offloop/watchdog";
import type { FastifyBaseLogger } from "fastify";

/** Where no watchdog can run, the log says why, and the server starts all the same. @throws WatchdogOptionError */
export function logStalls(log: FastifyBaseLogger, options: WatchdogOptions): Watchdog | undefined {
  const failed = (error: unknown): undefined => void log.warn({ err: error }, "no watchdog runs");
  try {
    const watchdog = startWatchdog({
      report: "silent",
      ...options,
      onStall: (stall) => {
        const { place, durationMs, kind, context, fix } = stall;
        log.warn({ stall: { place, durationMs, kind, request: context, fix } }, formatStall(stall).split("\n")[0]);
        options.onStall?.(stall);
      },
    });
    watchdog.ready().catch(failed);
    return watchdog;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_OFFLOOP_WATCHDOG_OPTION") throw error;
    return failed(error);
  }
}
