// The options of startWatchdog(): type, defaults and the one check.
import { InvalidOptionError } from "@offloop/workers/executor";
import type { Stall } from "./stall.js";

/** Where the report of a stall goes: text or JSON lines on standard error, or nowhere. */
export type ReportFormat = "console" | "json" | "silent";

/** Options of `startWatchdog`. Each is optional. */
export interface WatchdogOptions {
  /**
   * Milliseconds for which the loop must not turn to be reported; at least 20.
   * @default 500 where `NODE_ENV` is `production`, else 100
   */
  thresholdMs?: number | undefined;
  /**
   * The same while the program's modules are being evaluated, where nobody waits for an answer yet.
   * `Infinity`: start-up is never reported.
   * @default 10 × thresholdMs
   */
  startupThresholdMs?: number | undefined;
  /**
   * What the watching thread writes to standard error while the stall lasts.
   * @default "console"
   */
  report?: ReportFormat | undefined;
  /**
   * Milliseconds for which a place that was reported is not written again. Events and counts are not limited.
   * @default 60_000
   */
  repeatAfterMs?: number | undefined;
  /** Called with each stall on the thread that started the watchdog, when its loop turns again. */
  onStall?: ((stall: Stall) => void) | undefined;
}

/** The options with every default filled in. */
export interface ResolvedWatchdogOptions {
  readonly thresholdMs: number;
  readonly startupThresholdMs: number;
  readonly report: ReportFormat;
  readonly repeatAfterMs: number;
  readonly onStall: ((stall: Stall) => void) | undefined;
}

/** Below this the heartbeat itself would cost more than it tells. */
const leastThresholdMs = 20;

const names = ["thresholdMs", "startupThresholdMs", "report", "repeatAfterMs", "onStall"];

/** @throws InvalidOptionError names the first option that does not fit, and any that is unknown */
export function resolveWatchdogOptions(options: WatchdogOptions): ResolvedWatchdogOptions {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("watchdog options", options, "an object");
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) {
      throw new InvalidOptionError(key, (options as Record<string, unknown>)[key], `no value: there is no such watchdog option (there are ${names.join(", ")})`);
    }
  }
  const thresholdMs = options.thresholdMs ?? (process.env["NODE_ENV"] === "production" ? 500 : 100);
  if (!(typeof thresholdMs === "number" && thresholdMs >= leastThresholdMs && Number.isFinite(thresholdMs))) {
    throw new InvalidOptionError("thresholdMs", thresholdMs, `milliseconds: a finite number of ${leastThresholdMs} or more`);
  }
  const { startupThresholdMs = 10 * thresholdMs, report = "console", repeatAfterMs = 60_000, onStall } = options;
  checkMs("startupThresholdMs", startupThresholdMs);
  checkMs("repeatAfterMs", repeatAfterMs);
  if (!["console", "json", "silent"].includes(report)) throw new InvalidOptionError("report", report, '"console", "json" or "silent"');
  if (onStall !== undefined && typeof onStall !== "function") throw new InvalidOptionError("onStall", onStall, "a function");
  return { thresholdMs, startupThresholdMs: Math.max(startupThresholdMs, thresholdMs), report, repeatAfterMs, onStall };
}

function checkMs(option: string, value: unknown): void {
  if (!(typeof value === "number" && value >= 0)) throw new InvalidOptionError(option, value, "milliseconds: a number of 0 or more, or Infinity");
}
