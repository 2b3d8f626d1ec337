// The options of startWatchdog(): their types, their defaults and the function that checks them.
import { types } from "node:util";
import { resolve } from "node:path";
import { checkKeys, type WatchdogOptionError, wrongOption } from "../errors.js";
import type { Stall, SyncCall } from "./stall.js";
import { LEAST_THRESHOLD_MS, STARTUP_THRESHOLDS } from "./timing.js";
import { checkWritable } from "./writable.js";

/** The form of the reports on standard error: text, JSON lines, or none. */
export type ReportFormat = "console" | "json" | "silent";

/** Which blocking calls are marked while they run; see `WatchdogOptions.breadcrumbs`. */
export type Breadcrumbs = "off" | "light" | "full";

/** How far an HTTP request is followed; see `WatchdogOptions.requests`. */
export type Requests = "off" | "entry" | "follow";

/** The HTTP endpoint, which answers while the loop is held. */
export interface ServeOptions {
  /** From 0 to 65535. With 0 the system picks a free port; the channel `offloop:watchdog:listening` tells which. */
  readonly port: number;
  /**
   * The address to listen on. The endpoint reveals file names and lines, so do not expose it to the public.
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * Further names by which the endpoint may be asked, besides `host`, `localhost` and addresses. A request for any other
   * name is refused, so that no page in a browser can read the endpoint through a name of its own.
   * @default []
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * Once a reported stall has lasted for this many milliseconds, `/healthz` answers 503.
   * @default 1000
   */
  readonly unhealthyAfterMs?: number | undefined;
}

/** What the option `logger` takes: a logger of pino, bunyan or Fastify, or the console. */
export interface StallLogger {
  /**
   * Writes one line of the log. It should not throw.
   * @param object has the stall as `stall`, or the call as `syncCall`
   * @param text the first line of the report
   */
  warn(object: object, text: string): void;
}

/** Options of `startWatchdog`. All are optional. */
export interface WatchdogOptions {
  /**
   * A stall is reported when the loop has not turned for this many milliseconds; at least 20.
   * @default 500 where `NODE_ENV` is `production`, else 100
   */
  thresholdMs?: number | undefined;
  /**
   * The threshold while the program evaluates its modules, in milliseconds. Requests do not wait for it yet.
   * `Infinity`: a stall at start-up is never reported. A value below `thresholdMs` counts as `thresholdMs`.
   * @default 10 × thresholdMs
   */
  startupThresholdMs?: number | undefined;
  /**
   * The form of the report that the watching thread writes to standard error while the stall lasts.
   * @default "console"; "silent" with a `logger`
   */
  report?: ReportFormat | undefined;
  /**
   * After a report, further stalls at the same place are not written for this many milliseconds. Events and counts
   * still include them.
   * @default 60_000
   */
  repeatAfterMs?: number | undefined;
  /**
   * A pino logger, or another object with `warn(object, text)`. It gets each stall and each reported sync call, on the thread
   * that started the watchdog, when its loop turns again: `{ stall: LoggedStall }` or `{ syncCall: LoggedSyncCall }`, and the first line of the
   * report. What it throws becomes a warning of the process.
   * @default none
   */
  logger?: StallLogger | undefined;
  /** Called with each stall, on the thread that started the watchdog, when its loop turns again. @default none */
  onStall?: ((stall: Stall) => void) | undefined;
  /**
   * `light`: Node's `*Sync` functions and `Atomics.wait` are wrapped, so that a report can name such a call while it
   * blocks. The wrapper costs up to 0.2 µs a call. After a stall in native code that was not wrapped, it does what
   * `full` does. `full`: `JSON` and `structuredClone` are wrapped too.
   * `off`: nothing is wrapped.
   * @default "light"
   */
  breadcrumbs?: Breadcrumbs | undefined;
  /**
   * Whether a garbage collection of 20 ms or longer is recognised as such. Costs a few per cent of CPU time in
   * programs that allocate much.
   * @default true, unless `NODE_ENV` is `production`
   */
  collections?: boolean | undefined;
  /**
   * Returns a name for the current context, such as a tenant or a job. A report shows it instead of the request.
   * The watchdog calls it in the middle of a stall, on the stalled thread, so it must be quick and change nothing.
   * Typically it reads an `AsyncLocalStorage`. If it throws, the report has no such name.
   * @default none
   */
  context?: (() => string | undefined) | undefined;
  /**
   * Whether a stall names the HTTP request that it belongs to, with the route of Fastify or Express.
   * `entry`: up to the first `await` of the handler. `follow`: also after it, by an `AsyncLocalStorage`. Before
   * Node 24, that makes every promise of the program slower. `off`: never.
   * @default "follow" on Node 24 and later, else "entry"
   */
  requests?: Requests | undefined;
  /**
   * `report`: each call of a blocking function while the loop runs is reported, with its duration, its task and the
   * asynchronous function to call instead. Calls during start-up and inside `allowBlocking` are exempt. Each reported
   * call costs one stack trace. `ignore`: such calls are not reported.
   * @default "ignore"
   */
  syncCalls?: "ignore" | "report" | undefined;
  /** Sync calls from these places are not reported. A string or regular expression is compared with the caller's `file:line`. @default no place */
  allowSyncCallsAt?: readonly (string | RegExp)[] | undefined;
  /** Called with each reported sync call, on the thread that started the watchdog. @default none */
  onSyncCall?: ((call: SyncCall) => void) | undefined;
  /**
   * Whether the watching thread writes a table of the worst places to standard error when the process exits.
   * @default false
   */
  summary?: boolean | undefined;
  /** The path of a file. Each event is appended to it as a line of JSON, with the `pid` of its process. @default none */
  jsonFile?: string | undefined;
  /**
   * The path of a `.cpuprofile`, which DevTools and speedscope open. It has the samples of all stalls. The file is
   * written during and after a stall, at most every 2 seconds, and at exit.
   * @default none
   */
  profileFile?: string | undefined;
  /** The path of a report in HTML that opens offline. It is written during and after a stall, at most every 2 seconds, and at exit. @default none */
  htmlFile?: string | undefined;
  /** Serves a live page at `/`, `/healthz`, `/metrics` and `/stalls` from the watching thread. @default none */
  serve?: ServeOptions | undefined;
}

/** The options with every default filled in. */
export interface ResolvedWatchdogOptions {
  readonly thresholdMs: number;
  readonly startupThresholdMs: number;
  readonly report: ReportFormat;
  readonly repeatAfterMs: number;
  readonly logger: StallLogger | undefined;
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
  readonly hosts: readonly string[];
  readonly unhealthyAfterMs: number;
}

/** From Node 24 on, V8 itself carries the async context along, so that following a request costs nothing more. */
const contextIsFree = Number(process.versions.node.split(".")[0]) >= 24;

const names = [
  "thresholdMs", "startupThresholdMs", "report", "repeatAfterMs", "logger", "onStall", "breadcrumbs", "collections", "context",
  "requests", "syncCalls", "allowSyncCallsAt", "onSyncCall", "summary", "jsonFile", "profileFile", "htmlFile", "serve",
];

/** @throws WatchdogOptionError an option is unknown, or has a value that it does not take; names the first such option */
export function resolveWatchdogOptions(options: WatchdogOptions): ResolvedWatchdogOptions {
  checkKeys("startWatchdog()", options, names);
  const production = process.env["NODE_ENV"] === "production";
  const thresholdMs = options.thresholdMs ?? (production ? 500 : 100);
  if (!(typeof thresholdMs === "number" && thresholdMs >= LEAST_THRESHOLD_MS && Number.isFinite(thresholdMs))) {
    throw wrong("thresholdMs", thresholdMs, `a finite number of milliseconds, ${LEAST_THRESHOLD_MS} or more`);
  }
  const { startupThresholdMs = STARTUP_THRESHOLDS * thresholdMs, repeatAfterMs = 60_000, allowSyncCallsAt = [] } = options;
  const logger = checkLogger(options.logger);
  checkMs("startupThresholdMs", startupThresholdMs);
  checkMs("repeatAfterMs", repeatAfterMs);
  if (!Array.isArray(allowSyncCallsAt) || !allowSyncCallsAt.every((part) => typeof part === "string" || types.isRegExp(part))) {
    throw wrong("allowSyncCallsAt", allowSyncCallsAt, "an array of strings and regular expressions");
  }
  return {
    thresholdMs,
    startupThresholdMs: Math.max(startupThresholdMs, thresholdMs),
    report: choice("report", options.report, logger === undefined ? ["console", "json", "silent"] : ["silent", "console", "json"]),
    repeatAfterMs,
    logger,
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

const wrong = (option: string, got: unknown, takes: string): WatchdogOptionError => wrongOption(option, got, takes, "startWatchdog()");

function checkMs(option: string, value: unknown): void {
  if (!(typeof value === "number" && value >= 0)) throw wrong(option, value, "a number of milliseconds, 0 or more, or Infinity");
}

/** The first value of `takes` is the default. */
function choice<Value extends string>(option: string, value: Value | undefined, takes: readonly [Value, ...Value[]]): Value {
  if (value === undefined) return takes[0];
  if (takes.includes(value)) return value;
  throw wrong(option, value, `one of ${takes.map((one) => JSON.stringify(one)).join(", ")}`);
}

function optional<Fn>(option: string, value: Fn | undefined): Fn | undefined {
  if (value !== undefined && typeof value !== "function") throw wrong(option, value, "a function");
  return value;
}

function checkLogger(value: StallLogger | undefined): StallLogger | undefined {
  if (value !== undefined && typeof (value as Partial<StallLogger> | null)?.warn !== "function") throw wrong("logger", value, "an object with a method warn(object, text), such as a pino logger");
  return value;
}

function flag(option: string, value: boolean | undefined, otherwise: boolean): boolean {
  if (value !== undefined && typeof value !== "boolean") throw wrong(option, value, "true or false");
  return value ?? otherwise;
}

/** The path is checked and made absolute now, because the program may change its working directory later. */
function path(option: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value === "") throw wrong(option, value, "the path of a file");
  try {
    checkWritable(value);
  } catch (error) {
    throw wrong(option, value, `the path of a file that can be written (${(error as Error).message})`);
  }
  return resolve(value);
}

function resolveServe(value: ServeOptions | undefined): ResolvedServe | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("serve", value, "an object: { port, host, hosts, unhealthyAfterMs }");
  checkKeys("serve of startWatchdog()", value, ["port", "host", "hosts", "unhealthyAfterMs"]);
  const { port, host = "127.0.0.1", hosts = [], unhealthyAfterMs = 1_000 } = value;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw wrong("serve.port", port, "a port: an integer from 0 to 65535");
  if (typeof host !== "string" || host === "") throw wrong("serve.host", host, "a host name or address");
  if (!Array.isArray(hosts) || hosts.some((each) => typeof each !== "string" || each === "")) throw wrong("serve.hosts", hosts, "an array of host names");
  checkMs("serve.unhealthyAfterMs", unhealthyAfterMs);
  return { port, host, hosts: [...hosts], unhealthyAfterMs };
}
