// A watchdog that writes to the server's log.
import { startWatchdog, type Watchdog, type WatchdogOptions } from "@offloop/watchdog";
import type { FastifyBaseLogger } from "fastify";

/** Where no watchdog can run, the log says why, and the server starts all the same. @throws WatchdogOptionError */
export function logStalls(log: FastifyBaseLogger, options: WatchdogOptions): Watchdog | undefined {
  const failed = (error: unknown): undefined => void log.warn({ err: error }, "no watchdog runs");
  try {
    const watchdog = startWatchdog({
      logger: log,
      ...options,
    });
    watchdog.ready().catch(failed);
    return watchdog;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_OFFLOOP_WATCHDOG_OPTION") throw error;
    return failed(error);
  }
}
