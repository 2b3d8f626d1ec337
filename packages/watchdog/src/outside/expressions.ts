// The functions that run inside the other process. The inspector evaluates their source text, so they use nothing of
// this module, and nothing that old Nodes lack. They leave the state of the program as it was.
import type { RawFrame } from "../protocol/messages.js";

/** The source URL of the expressions. It marks the frames that are left out of a stack. */
const SOURCE_URL = "offloop:dump";

/** The global property that keeps what is measured between two expressions. */
const KEPT = "offloop.dump";

/** The global property with the sources of libraries about their own state; each returns a value for JSON. */
const STATE = "offloop.state.v1";

/** An interval that no other timer has. It marks the timer by which the process tells since when its loop has not turned. */
const MARKED_MS = 987_654_321;

/** The number of frames that are read of a stack: enough to show the caller of a recursion in most programs. */
const DEEPEST_STACK = 1_000;

/** What a thread says of itself, in the middle of what it runs. */
export interface Look {
  readonly frames: readonly RawFrame[];
  readonly threadId: number;
  readonly node: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Why the thread's loop stays alive. */
  readonly resources: readonly string[];
  /** What libraries publish, by their names. */
  readonly state: Readonly<Record<string, unknown>>;
  /** The task or callback that runs, as a library names it. */
  readonly task: string | undefined;
}

/** What a thread says a little later. */
export interface LaterLook {
  /** Whether the loop has turned since `look`. */
  readonly turned: boolean;
  /** Milliseconds since the loop has turned last; `undefined`: this was not asked for. */
  readonly sinceMs: number | undefined;
}

/** What the process needs for a watchdog. */
export interface AttachOptions {
  /** The path of the module with `startSpooled`. */
  readonly module: string;
  /** The path of the socket whose end stops the watchdog. */
  readonly path: string;
  readonly spool: string;
  /** `null`: the default. */
  readonly thresholdMs: number | null;
}

export const lookExpression = `${call(look, [readSources, SOURCE_URL, KEPT, STATE, MARKED_MS, DEEPEST_STACK])}\n//# sourceURL=${SOURCE_URL}`;
export const laterExpression = (measure: boolean): string => call(lookLater, [KEPT, MARKED_MS, measure]);
export const forgetExpression = call(forget, [KEPT]);
export const loaderMapExpression = (file: string): string => call(loaderMap, [file]);
export const attachExpression = (options: AttachOptions): string => call(attach, [options]);
export const pidExpression = "String(process.pid)";
export const closeExpression = `${forgetExpression}, ${call(close, [])}`;

function call<Args extends readonly unknown[]>(fn: (...args: Args) => unknown, args: Args): string {
  return `(${fn})(${args.map((arg) => (typeof arg === "function" ? String(arg) : JSON.stringify(arg))).join(", ")})`;
}

/** What libraries say of themselves, by their names. */
function readSources(key: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const sources = (globalThis as { [key: symbol]: unknown })[Symbol.for(key)];
  if (!(sources instanceof Map)) return found;
  sources.forEach((source: () => unknown, name: unknown) => {
    try {
      found[String(name)] = source();
    } catch {
      // The library's own fault.
    }
  });
  return found;
}

function look(readAll: typeof readSources, sourceUrl: string, kept: string, state: string, markedMs: number, mostFrames: number): string {
  const load: (name: string) => any = process.getBuiltinModule ?? require;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const nameOf = (site: NodeJS.CallSite): string => {
    const name = site.getFunctionName() || "";
    if (name === "" || site.isToplevel() || site.isConstructor()) return name;
    const type = site.getTypeName();
    return type !== null && type !== "Object" && type !== "Function" && name.indexOf(".") < 0 && site.getMethodName() === name ? `${type}.${name}` : name;
  };
  const framesOf = (): object[] => {
    const limit = getOwnPropertyDescriptor(Error, "stackTraceLimit");
    const prepare = getOwnPropertyDescriptor(Error, "prepareStackTrace");
    const put = (name: string, descriptor: PropertyDescriptor | undefined): void => {
      try {
        if (descriptor !== undefined) defineProperty(Error, name, descriptor);
        else Reflect.deleteProperty(Error, name);
      } catch {
        // Error is frozen.
      }
    };
    try {
      put("stackTraceLimit", { value: mostFrames, configurable: true, writable: true, enumerable: true });
      put("prepareStackTrace", { value: (_error: unknown, sites: unknown) => sites, configurable: true, writable: true, enumerable: true });
      const holder: { stack?: NodeJS.CallSite[] } = {};
      Error.captureStackTrace(holder);
      const frames: object[] = [];
      for (const site of holder.stack ?? []) {
        const { isAsync, isPromiseAll } = site as NodeJS.CallSite & { isAsync?(): boolean; isPromiseAll?(): boolean };
        const file = site.getFileName() || site.getScriptNameOrSourceURL() || "";
        if (file === sourceUrl || isPromiseAll?.call(site) === true) continue;
        frames.push({ file, line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0, function: nameOf(site), async: isAsync?.call(site) === true });
      }
      return frames;
    } catch {
      return [];
    } finally {
      put("stackTraceLimit", limit);
      put("prepareStackTrace", prepare);
    }
  };
  const cwdOf = (): string => {
    try {
      return process.cwd();
    } catch {
      return ""; // it has been removed
    }
  };
  const frames = framesOf();
  try {
    const { monitorEventLoopDelay } = load("perf_hooks") as typeof import("node:perf_hooks");
    const [turn, since] = [monitorEventLoopDelay({ resolution: 1 }), monitorEventLoopDelay({ resolution: markedMs })];
    turn.enable();
    since.enable();
    defineProperty(globalThis, Symbol.for(kept), { value: { turn, since }, configurable: true });
  } catch {
    // The process is no Node of our kind; the loop's state is not known then.
  }
  const { rss, heapUsed } = process.memoryUsage();
  const running = readAll("offloop.running.v1");
  const work = Object.keys(running).map((name) => running[name] as { task?: string } | undefined).find((each) => each?.task !== undefined);
  return JSON.stringify({
    frames,
    threadId: load("worker_threads").threadId,
    node: process.version,
    argv: [...(process.execArgv ?? []), ...(process.argv ?? []).slice(1)], // missing while Node starts
    cwd: cwdOf(),
    uptimeMs: process.uptime() * 1000,
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    resources: process.getActiveResourcesInfo?.() ?? [],
    state: readAll(state),
    task: work?.task,
  });
}

/**
 * A timer of the native histogram starts from the time at which the loop turned last, and a report shows how long ago it
 * should fire: that is the only way to read this time. `setTimeout` makes the loop read the clock. Before Node 20.13, a
 * report asks for the names of all connected hosts, and is not made.
 */
function lookLater(kept: string, markedMs: number, measure: boolean): string {
  const { turn } = ((globalThis as { [key: symbol]: unknown })[Symbol.for(kept)] ?? {}) as { turn?: { min: number; count: number } };
  if (turn === undefined) return JSON.stringify({ turned: true });
  let sinceMs: number | undefined;
  const { report } = process as { report?: { excludeNetwork?: boolean; getReport(): object | string } };
  if (measure && report?.excludeNetwork !== undefined) {
    clearTimeout(setTimeout(() => {}, 2_147_483_646));
    const was = report.excludeNetwork;
    report.excludeNetwork = true;
    const made = report.getReport();
    report.excludeNetwork = was;
    const { libuv } = (typeof made === "string" ? JSON.parse(made) : made) as { libuv: { type: string; repeat?: number; firesInMsFromNow: number }[] };
    const timer = libuv.find(({ type, repeat }) => type === "timer" && repeat === markedMs);
    if (timer !== undefined) sinceMs = markedMs - timer.firesInMsFromNow;
  }
  return JSON.stringify({ turned: turn.count > 0 || turn.min < 1e18, sinceMs });
}

function forget(kept: string): string {
  const key = Symbol.for(kept);
  const { turn, since } = ((globalThis as { [key: symbol]: unknown })[key] ?? {}) as { turn?: { disable(): void }; since?: { disable(): void } };
  turn?.disable();
  since?.disable();
  Reflect.deleteProperty(globalThis, key);
  return "null";
}

/** The source map of a file that a loader compiled in memory. */
function loaderMap(file: string): string {
  try {
    const load: (name: string) => any = process.getBuiltinModule ?? require;
    const map = load("module").findSourceMap(file);
    return JSON.stringify(map === undefined ? "" : JSON.stringify(map.payload));
  } catch {
    return '""';
  }
}

/** Starts a watchdog. It works with a loop that is held: nothing here waits for a turn. */
function attach({ module, path, spool, thresholdMs }: AttachOptions): string {
  const load: (name: string) => any = process.getBuiltinModule ?? require;
  const { startSpooled } = load("module").createRequire(module)(module);
  const watchdog = startSpooled(thresholdMs === null ? { report: "silent" } : { report: "silent", thresholdMs }, spool);
  const socket = load("net").connect({ path, allowHalfOpen: true });
  socket.unref();
  let isStopping = false;
  let hasSaidGoodbye = false; // else the command was killed, and leaves its folder to this process
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    const end = (): void => {
      if (!hasSaidGoodbye) load("fs").rmSync(spool, { recursive: true, force: true });
      socket.destroy();
    };
    watchdog.stop().then(end, end);
  };
  const told = (data: unknown): void => {
    if (String(data).indexOf("goodbye") >= 0) hasSaidGoodbye = true;
    else socket.write(`${JSON.stringify(watchdog.sample())}\n`); // nothing is measured before `offloop top` asks
  };
  socket.on("data", told).on("end", stop).on("error", stop).on("close", stop);
  return "null";
}

function close(): void {
  const load: (name: string) => any = process.getBuiltinModule ?? require;
  load("inspector").close();
}
