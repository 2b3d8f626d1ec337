// Reads the options of startWatchdog() from OFFLOOP_* variables, for programs that are watched without a
// change to their code. An error names the variable whose value does not fit.
import { wrongOption } from "../errors.js";
import type { Breadcrumbs, ReportFormat, Requests, ServeOptions, WatchdogOptions } from "../protocol/options.js";

/** The variables, and for each the function that turns its text into an option. */
const variables: { readonly [Name in `OFFLOOP_${string}`]: (text: string, name: string) => WatchdogOptions } = {
  OFFLOOP_THRESHOLD_MS: (text, name) => ({ thresholdMs: milliseconds(text, name) }),
  OFFLOOP_STARTUP_THRESHOLD_MS: (text, name) => ({ startupThresholdMs: milliseconds(text, name) }),
  OFFLOOP_REPORT: (text) => ({ report: text as ReportFormat }),
  OFFLOOP_REPEAT_AFTER_MS: (text, name) => ({ repeatAfterMs: milliseconds(text, name) }),
  OFFLOOP_BREADCRUMBS: (text) => ({ breadcrumbs: text as Breadcrumbs }),
  OFFLOOP_COLLECTIONS: (text, name) => ({ collections: flag(text, name) }),
  OFFLOOP_REQUESTS: (text) => ({ requests: text as Requests }),
  OFFLOOP_SYNC_CALLS: (text) => ({ syncCalls: text as "ignore" | "report" }),
  OFFLOOP_ALLOW_SYNC_CALLS_AT: (text) => ({ allowSyncCallsAt: parts(text) }),
  OFFLOOP_SUMMARY: (text, name) => ({ summary: flag(text, name) }),
  OFFLOOP_JSON_FILE: (text) => ({ jsonFile: text }),
  OFFLOOP_PROFILE_FILE: (text) => ({ profileFile: text }),
  OFFLOOP_HTML_FILE: (text) => ({ htmlFile: text }),
  OFFLOOP_SERVE: (text, name) => ({ serve: address(text, name) }),
};

/**
 * Reads the options of `startWatchdog` from environment variables. Unset and empty variables set no option.
 *
 * @param environment such as `process.env`
 * @throws WatchdogOptionError `environment` is no object, or the text of a variable cannot be read
 */
export function optionsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): WatchdogOptions {
  if (typeof environment !== "object" || environment === null) throw wrongOption("environment", environment, "an object of variables, such as process.env");
  const options: WatchdogOptions = {};
  for (const [name, read] of Object.entries(variables)) {
    const text = environment[name]?.trim();
    if (text !== undefined && text !== "") Object.assign(options, read(text, name));
  }
  const unhealthyAfterMs = environment["OFFLOOP_UNHEALTHY_AFTER_MS"];
  if (options.serve && unhealthyAfterMs) {
    options.serve = { ...options.serve, unhealthyAfterMs: milliseconds(unhealthyAfterMs, "OFFLOOP_UNHEALTHY_AFTER_MS") };
  }
  const hosts = environment["OFFLOOP_SERVE_HOSTS"];
  if (options.serve && hosts) options.serve = { ...options.serve, hosts: parts(hosts) };
  return options;
}

/** Texts separated by commas. */
function parts(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function milliseconds(text: string, name: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw wrongOption(name, text, "a number of milliseconds");
  return value;
}

function flag(text: string, name: string): boolean {
  if (text === "1" || text === "true") return true;
  if (text === "0" || text === "false") return false;
  throw wrongOption(name, text, "1, true, 0 or false");
}

/** `9464`, `127.0.0.1:9464` or `[::1]:9464`. */
function address(text: string, name: string): ServeOptions {
  const match = /^(?:(.+):)?(\d+)$/.exec(text);
  if (!match) throw wrongOption(name, text, "a port, or host:port");
  const port = Number(match[2]);
  const host = match[1]?.replace(/^\[(.*)\]$/, "$1");
  return host === undefined ? { port } : { port, host };
}
