// The options of startWatchdog(): type, defaults and the one check.
import { resolve } from "node:path";
import { WatchdogOptionError } from "../errors.js";
import type { Stall, SyncCall } from "./stall.js";
import { leastThresholdMs, startupThresholds } from "./timing.js";

/** Where the report of a stall goes: text or JSON lines on standard error, or nowhere. */
export type ReportFormat = "console" | "json" | "silent";

/** Which calls are marked while they run; see `WatchdogOptions.breadcrumbs`. */
export type Breadcrumbs = "off" | "light" | "full";

/** How far the HTTP request that runs is followed; see `WatchdogOptions.requests`. */
export type Requests = "off" | "entry" | "follow";

/** The endpoint that answers while the loop is held. */
export interface ServeOptions {
  /** 0: any free one, told on the `offloop:watchdog:listening` channel. 0 to 65535. */
  readonly port: number;
  /** @default "127.0.0.1": what it tells is nobody else's business */
  readonly host?: string | undefined;
  /**
   * Milliseconds after which a running stall makes `/healthz` answer 503.
   * @default 1000
   */
  readonly unhealthyAfterMs?: number | undefined;
}

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
  /**
   * Whether Node's `*Sync` functions and `Atomics.wait` leave a mark while they run (0.2 µs a call),
   * so that they can be named while they block. `full`: `JSON` and `structuredClone` too.
   * @default "light"
   */
  breadcrumbs?: Breadcrumbs | undefined;
  /**
   * Whether long garbage collections are told from other stalls. Costs a few percent where much is allocated.
   * @default true, where `NODE_ENV` is not `production`
   */
  collections?: boolean | undefined;
  /**
   * Names what the program is busy with, in place of the request: called in the middle of a stall, on the
   * stalled thread, so it must be quick and change nothing. Read an `AsyncLocalStorage` in it.
   */
  context?: (() => string | undefined) | undefined;
  /**
   * Whether stalls name the HTTP request that they belong to, with the route where Fastify or Express tells it.
   * `entry`: as far as the handler's first await. `follow`: beyond it, by an `AsyncLocalStorage`, which
   * slows each promise of the program down on Node before 24.
   * @default "follow" on Node 24 and later, else "entry"
   */
  requests?: Requests | undefined;
  /**
   * `report`: each call of a blocking function while the loop runs is reported with its duration, task
   * and asynchronous twin. Start-up and `allowBlocking` are exempt. Takes a stack for each such call.
   * @default "ignore"
   */
  syncCalls?: "ignore" | "report" | undefined;
  /** Parts of `file:line` of callers whose sync calls are not reported. */
  allowSyncCallsAt?: readonly (string | RegExp)[] | undefined;
  /** Called with each sync call that is reported. */
  onSyncCall?: ((call: SyncCall) => void) | undefined;
  /**
   * A table of the worst places on standard error when the process exits.
   * @default false
   */
  summary?: boolean | undefined;
  /** Path of a file to which each event is appended as a line of JSON. */
  jsonFile?: string | undefined;
  /** Path of a `.cpuprofile` of all stalls' samples, for DevTools and speedscope; written after each stall and at exit. */
  profileFile?: string | undefined;
  /** Path of a report in HTML that opens offline; written after each stall, at most every two seconds, and at exit. */
  htmlFile?: string | undefined;
  /** Serves `/healthz`, `/metrics` and `/stalls` from the watching thread. */
  serve?: ServeOptions | undefined;
}

/** The options with every default filled in. */
export interface ResolvedWatchdogOptions {
  readonly thresholdMs: number;
  readonly startupThresholdMs: number;
  readonly report: ReportFormat;
  readonly repeatAfterMs: number;
  readonly onStall: ((stall: Stall) => void) | undefined;
  readonly breadcrumbs: Breadcrumbs;
  readonly collections: boolean;
  readonly context: (() => string | undefined) | undefined;
  readonly requests: Requests;
  readonly syncCalls: "ignore" | "report";
  readonly allowSyncCallsAt: readonly (string | RegExp)[];
  readonly onSyncCall: ((call: SyncCall) => void) | undefined;
  readonly summary: boolean;
  readonly jsonFile: string | undefined;
  readonly profileFile: string | undefined;
  readonly htmlFile: string | undefined;
  readonly serve: Required<ResolvedServe> | undefined;
}

interface ResolvedServe {
  readonly port: number;
  readonly host: string;
  readonly unhealthyAfterMs: number;
}

/** From Node 24 on, V8 carries the async context along, with or without us. */
const contextIsFree = Number(process.versions.node.split(".")[0]) >= 24;

const names = [
  "thresholdMs", "startupThresholdMs", "report", "repeatAfterMs", "onStall", "breadcrumbs", "collections", "context",
  "requests", "syncCalls", "allowSyncCallsAt", "onSyncCall", "summary", "jsonFile", "profileFile", "htmlFile", "serve",
];

/** @throws WatchdogOptionError names the first option that does not fit, and any that is unknown */
export function resolveWatchdogOptions(options: WatchdogOptions): ResolvedWatchdogOptions {
  if (typeof options !== "object" || options === null) throw new WatchdogOptionError("watchdog options", options, "an object");
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) {
      throw new WatchdogOptionError(key, (options as Record<string, unknown>)[key], `no value: there is no such watchdog option (there are ${names.join(", ")})`);
    }
  }
  const production = process.env["NODE_ENV"] === "production";
  const thresholdMs = options.thresholdMs ?? (production ? 500 : 100);
  if (!(typeof thresholdMs === "number" && thresholdMs >= leastThresholdMs && Number.isFinite(thresholdMs))) {
    throw new WatchdogOptionError("thresholdMs", thresholdMs, `milliseconds: a finite number of ${leastThresholdMs} or more`);
  }
  const { startupThresholdMs = startupThresholds * thresholdMs, repeatAfterMs = 60_000, allowSyncCallsAt = [] } = options;
  checkMs("startupThresholdMs", startupThresholdMs);
  checkMs("repeatAfterMs", repeatAfterMs);
  if (!Array.isArray(allowSyncCallsAt) || !allowSyncCallsAt.every((part) => typeof part === "string" || part instanceof RegExp)) {
    throw new WatchdogOptionError("allowSyncCallsAt", allowSyncCallsAt, "an array of strings and regular expressions");
  }
  return {
    thresholdMs,
    startupThresholdMs: Math.max(startupThresholdMs, thresholdMs),
    report: choice("report", options.report, ["console", "json", "silent"]),
    repeatAfterMs,
    onStall: optional("onStall", options.onStall),
    breadcrumbs: choice("breadcrumbs", options.breadcrumbs, ["light", "off", "full"]),
    collections: flag("collections", options.collections, !production),
    context: optional("context", options.context),
    requests: choice("requests", options.requests, contextIsFree ? ["follow", "entry", "off"] : ["entry", "follow", "off"]),
    syncCalls: choice("syncCalls", options.syncCalls, ["ignore", "report"]),
    allowSyncCallsAt,
    onSyncCall: optional("onSyncCall", options.onSyncCall),
    summary: flag("summary", options.summary, false),
    jsonFile: path("jsonFile", options.jsonFile),
    profileFile: path("profileFile", options.profileFile),
    htmlFile: path("htmlFile", options.htmlFile),
    serve: resolveServe(options.serve),
  };
}

function checkMs(option: string, value: unknown): void {
  if (!(typeof value === "number" && value >= 0)) throw new WatchdogOptionError(option, value, "milliseconds: a number of 0 or more, or Infinity");
}

/** The first of `takes` is the default. */
function choice<Value extends string>(option: string, value: Value | undefined, takes: readonly [Value, ...Value[]]): Value {
  if (value === undefined) return takes[0];
  if (takes.includes(value)) return value;
  throw new WatchdogOptionError(option, value, `one of ${takes.map((one) => JSON.stringify(one)).join(", ")}`);
}

function optional<Fn>(option: string, value: Fn | undefined): Fn | undefined {
  if (value !== undefined && typeof value !== "function") throw new WatchdogOptionError(option, value, "a function");
  return value;
}

function flag(option: string, value: boolean | undefined, otherwise: boolean): boolean {
  if (value !== undefined && typeof value !== "boolean") throw new WatchdogOptionError(option, value, "true or false");
  return value ?? otherwise;
}

/** Resolved now: the program may change its directory. */
function path(option: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value === "") throw new WatchdogOptionError(option, value, "the path of a file");
  return resolve(value);
}

function resolveServe(value: ServeOptions | undefined): ResolvedServe | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) throw new WatchdogOptionError("serve", value, "an object: { port, host, unhealthyAfterMs }");
  const { port, host = "127.0.0.1", unhealthyAfterMs = 1_000 } = value;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw new WatchdogOptionError("serve.port", port, "a port: an integer from 0 to 65535");
  if (typeof host !== "string" || host === "") throw new WatchdogOptionError("serve.host", host, "a host name or address");
  checkMs("serve.unhealthyAfterMs", unhealthyAfterMs);
  return { port, host, unhealthyAfterMs };
}
