// The watched side: starts the heartbeat and the watching thread, and delivers the events of that thread.
// No code in this file runs while the loop turns, unless somebody looks at the live page. The heartbeat is a libuv timer without JavaScript; it
// stops while the program is idle. The other side is watching-thread.ts; protocol/messages.ts defines what
// crosses.
import type { IntervalHistogram } from "node:perf_hooks";
import type { MessagePort, Worker } from "node:worker_threads";
import { markCalls } from "./breadcrumbs.js";
import { installCapture } from "./capture-stack.js";
import { type LogEntry, stallEntry, syncCallEntry } from "../report/log-entry.js";
import { publish } from "./channels.js";
import { watchCollections } from "./collections.js";
import { marks } from "../protocol/marks.js";
import { resolveWatchdogOptions, type ResolvedWatchdogOptions, type WatchdogOptions } from "../protocol/options.js";
import type { Sample } from "../protocol/sample.js";
import type { Stall } from "../protocol/stall.js";
import type { Watchdog } from "./watchdog.js";
import { WatchdogFailedError } from "../errors.js";
import { followRequests } from "./requests.js";
import { Sampler } from "./sampler.js";
import { tickMs } from "../protocol/timing.js";
import { word, type FromThread, type ToThread, type WatchingThreadData } from "../protocol/messages.js";

/** The module is loaded with the first watchdog, because loading it takes some milliseconds. */
const threads = () => process.getBuiltinModule("node:worker_threads");

/** The original, kept before the function is wrapped, because the wait of this file is no stall. */
const { wait } = Atomics;

/** A program that exits during a stall waits up to this long for the report. A guess, far above what writing takes. */
const EXIT_WAIT_MS = 500;

export class ThreadWatchdog implements Watchdog {
  readonly #options: ResolvedWatchdogOptions;
  readonly #spooled: boolean;
  readonly #words = new Int32Array(new SharedArrayBuffer(word.count * Int32Array.BYTES_PER_ELEMENT));
  /** Referenced here because the garbage collector would otherwise collect the histogram, and the heartbeat would stop. */
  readonly #heartbeat: IntervalHistogram;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  readonly #exited: Promise<void>;
  /** Rejects when the watching thread ends by itself. */
  readonly #lost: Promise<never>;
  readonly #undo: (() => void)[] = [];
  readonly #flushes = new Map<number, () => void>();
  #nextFlush = 1;
  #unmark: () => void = () => undefined;
  #marksMore = false;
  #sampler: Sampler | undefined;
  #stopping: Promise<void> | undefined;
  #onReady: (() => void) | undefined;
  #onStopped: (() => void) | undefined;

  /** @param spool the folder for a file of events that `offloop watch` reads */
  constructor(given: WatchdogOptions, spool?: string) {
    const options = resolveWatchdogOptions(given);
    this.#options = options;
    this.#spooled = spool !== undefined;
    installCapture(options.context);
    const tick = tickMs(options.thresholdMs);
    this.#heartbeat = process.getBuiltinModule("node:perf_hooks").monitorEventLoopDelay({ resolution: tick });
    this.#heartbeat.enable();
    const { port1, port2 } = new (threads().MessageChannel)();
    this.#port = port1;
    try {
      this.#worker = startThread(options, this.#words, port2, tick, spool);
    } catch (cause) {
      this.#heartbeat.disable();
      const denied = (cause as NodeJS.ErrnoException).code === "ERR_ACCESS_DENIED";
      throw new WatchdogFailedError(`${String(cause)}${denied ? " (start Node with --allow-worker)" : ""}`, { cause });
    }
    if (!mayInspect() && isRestricted()) warnOfInspector();
    this.#lost = new Promise((_, reject) => {
      this.#worker.once("error", (cause: unknown) => reject(new WatchdogFailedError(String(cause), { cause })));
      this.#worker.once("exit", (exitCode) => this.#stopping ?? reject(new WatchdogFailedError(`it exited with code ${exitCode}`)));
    });
    this.#ready = Promise.race([new Promise<void>((resolve) => (this.#onReady = resolve)), this.#lost]);
    // A watchdog that fails must not end the program. ready() and flush() still reject.
    this.#ready.catch(() => undefined);
    this.#lost.catch(({ message, code }: WatchdogFailedError) => process.emitWarning(message, { code }));
    this.#exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#port.on("message", (message: FromThread) => this.#receive(message));
    this.#port.unref();
    this.#send({ type: "heartbeat", histogram: this.#heartbeat });
    this.#listen();
  }

  async ready(): Promise<void> {
    await this.#alive(this.#ready);
  }

  async flush(): Promise<void> {
    const id = this.#nextFlush++;
    const flushed = new Promise<void>((resolve) => this.#flushes.set(id, resolve));
    this.#send({ type: "flush", id });
    await this.#alive(Promise.race([flushed, this.#lost, this.#exited]));
  }

  /** Samples the thread. The first call starts what is measured between two samples. */
  sample(): Sample {
    return (this.#sampler ??= new Sampler()).sample();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.#worker.ref();
    this.#port.ref();
    const stopped = new Promise<void>((resolve) => (this.#onStopped = resolve));
    for (const undo of this.#undo) undo();
    this.#stopSampling();
    this.#send({ type: "stop" });
    await Promise.race([stopped, this.#exited]);
    this.#heartbeat.disable();
    this.#port.close();
    await this.#exited;
  }

  #stopSampling(): void {
    this.#sampler?.close();
    this.#sampler = undefined;
  }

  /** Keeps the process alive until `promise` settles. */
  async #alive(promise: Promise<void>): Promise<void> {
    this.#port.ref();
    try {
      await promise;
    } finally {
      if (!this.#stopping) this.#port.unref();
    }
  }

  #listen(): void {
    const { breadcrumbs, syncCalls, collections, requests } = this.#options;
    const level = syncCalls === "report" && breadcrumbs === "off" ? "light" : breadcrumbs;
    if (level !== "off") this.#mark(level);
    this.#undo.push(() => this.#unmark());
    if (requests !== "off") this.#undo.push(followRequests(requests));
    if (collections) this.#undo.push(watchCollections((collection) => this.#send({ type: "collected", ...collection })));
    const onExit = () => this.#waitForLastReport();
    process.on("exit", onExit);
    this.#undo.push(() => process.off("exit", onExit));
  }

  #mark(level: "light" | "full"): void {
    const every = this.#options.syncCalls === "report";
    const unmark = this.#unmark;
    this.#unmark = markCalls(level, { every, returned: (call) => this.#send({ type: "returned", call }) });
    unmark();
  }

  /** If native code without a mark held the loop, the calls that `full` adds are marked from now on, so that the next such stall is named. */
  #markMore({ kind, call }: Stall): void {
    if (this.#options.breadcrumbs !== "light" || this.#marksMore || this.#stopping || kind !== "native" || call !== undefined) return;
    this.#marksMore = true;
    this.#mark("full");
  }

  #send(message: ToThread): void {
    this.#port.postMessage(message);
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "ready":
        return this.#onReady?.();
      case "begin":
        return publish("begin", { stall: message.stall });
      case "end":
        this.#markMore(message.stall);
        publish("end", { stall: message.stall });
        this.#log(() => stallEntry(message.stall));
        return this.#options.onStall?.(message.stall);
      case "syncCall":
        publish("syncCall", { call: message.call });
        this.#log(() => syncCallEntry(message.call));
        return this.#options.onSyncCall?.(message.call);
      case "listening":
        return publish("listening", { url: message.url });
      case "sample":
        return this.#stopping === undefined ? this.#send({ type: "sample", sample: this.sample() }) : undefined;
      case "unwatched":
        return this.#stopSampling();
      case "rest":
        return this.#rest(message.resting);
      case "flushed":
        this.#flushes.get(message.id)?.();
        this.#flushes.delete(message.id);
        return;
      case "stopped":
        return this.#onStopped?.();
      default:
        message satisfies never;
    }
  }

  /** An error of the logger must not end the program. */
  #log(entryOf: () => LogEntry<object>): void {
    const { logger } = this.#options;
    if (logger === undefined) return;
    try {
      logger.warn(...entryOf());
    } catch (error) {
      process.emitWarning(`The logger of startWatchdog() threw: ${String(error)}`, { code: "OFFLOOP_WATCHDOG_LOGGER" });
    }
  }

  /** Stops the heartbeat while the program is idle, because each beat would wake it, or starts the heartbeat again. */
  #rest(resting: boolean): void {
    if (this.#stopping) return;
    if (resting) {
      this.#heartbeat.disable();
      return;
    }
    this.#heartbeat.enable();
    Atomics.add(this.#words, word.starts, 1);
  }

  /** Waits only if a report would be lost otherwise: of an open stall, of calls on their way, or in files that are written at the end. */
  #waitForLastReport(): void {
    const { summary, syncCalls, htmlFile, profileFile } = this.#options;
    // This side stores `exiting` before it reads `stallOpen`, and the watching thread stores `stallOpen` before it
    // reads `exiting`. So no stall opens from now on without being seen here.
    Atomics.store(this.#words, word.exiting, 1);
    const owed = summary || syncCalls === "report" || htmlFile !== undefined || profileFile !== undefined || this.#spooled;
    if (!owed && Atomics.load(this.#words, word.stallOpen) === 0) return;
    this.#send({ type: "exiting" });
    wait(this.#words, word.flushed, 0, EXIT_WAIT_MS);
  }
}

function startThread(options: ResolvedWatchdogOptions, words: Int32Array, port: MessagePort, tick: number, spool: string | undefined): Worker {
  const { logger: _logger, onStall: _onStall, onSyncCall: _onSyncCall, context: _context, requests: _requests, collections: _collections, breadcrumbs: _breadcrumbs, ...crossing } = options;
  const { isMainThread, threadId, Worker } = threads();
  const data: WatchingThreadData = {
    options: crossing,
    words,
    marks,
    port,
    tickMs: tick,
    workerThreadId: isMainThread ? undefined : threadId,
    kernelThreadId: kernelThreadId(),
    mayProbe: mayInspect(),
    cwd: process.cwd(),
    color: process.stderr.isTTY === true && process.stderr.hasColors?.() === true,
    spool,
    program: process.argv[1] ?? "node",
  };
  // The thread gets no flags and no preloads of the program, because these could start a watchdog for the watching thread.
  const worker = new Worker(new URL("../watching-thread.js", import.meta.url), {
    name: "offloop watchdog",
    workerData: data,
    transferList: [port],
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  worker.unref();
  return worker;
}

/** The id of this thread in the kernel: `/proc/thread-self` is a link to `<process>/task/<thread>`. */
function kernelThreadId(): number | undefined {
  try {
    return Number(process.getBuiltinModule("node:fs").readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return threads().isMainThread ? process.pid : undefined;
  }
}

/** Whether Node runs under `--permission`. */
function isRestricted(): boolean {
  return (process as { permission?: unknown }).permission !== undefined;
}

let warned = false;

function warnOfInspector(): void {
  if (warned) return;
  warned = true;
  const grant = process.allowedNodeEnvironmentFlags.has("--allow-inspector") ? "Start Node with --allow-inspector" : `Node ${process.versions.node} has no --allow-inspector`;
  process.emitWarning(`Stalls are reported without their place, because Node refuses the inspector under --permission. ${grant}.`, { code: "OFFLOOP_WATCHDOG_NO_INSPECTOR" });
}

/** Whether a session may be opened. Under `--permission` without `--allow-inspector`, that would end the process on Node 24 and 26. */
function mayInspect(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission === undefined) return process.features.inspector;
  try {
    return permission.has("inspector");
  } catch {
    return false;
  }
}
