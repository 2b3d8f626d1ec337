// The watched side: starts the heartbeat and the watching thread, and hands on what it reports.
// Nothing here runs while the loop turns; the heartbeat is a libuv timer without JavaScript.
// The other side is thread/entry.ts; protocol.ts shows what crosses.
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import { isMainThread, MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { installCapture } from "./capture-stack.js";
import { publishBegin, publishEnd } from "./channels.js";
import { resolveWatchdogOptions, type ResolvedWatchdogOptions, type WatchdogOptions } from "./options.js";
import { word, type FromThread, type ToThread, type WatchingThreadData } from "./protocol.js";
import type { Stall } from "./stall.js";

/** How long an exiting program waits for the report of the stall that it ends in; a guess, far above what writing takes. */
const exitWaitMs = 500;

/** What `startWatchdog` returns. */
export interface Watchdog extends AsyncDisposable {
  /**
   * Settles when the watching thread watches; what stalls before that may go unseen. Keeps the process
   * alive until then.
   * @throws the reason why the watching thread could not be started
   */
  ready(): Promise<void>;
  /**
   * Ends the heartbeat and the watching thread. What was seen until now has been delivered when the
   * promise settles. A second call returns the same promise.
   */
  stop(): Promise<void>;
}

/**
 * Watches the event loop of this thread from a thread of its own, and reports, while it lasts, each
 * stretch in which the loop does not turn: where, for how long, how often, and what to do about it.
 * It never keeps the process alive. Events and `onStall` come when the loop turns again.
 *
 * @throws InvalidOptionError an option has a value that it does not take
 * @example
 * ```ts
 * import { startWatchdog } from "@offloop/core";
 * const watchdog = startWatchdog({ thresholdMs: 50, onStall: (stall) => metrics.record(stall.durationMs) });
 * // …
 * await watchdog.stop();
 * ```
 * @see https://docs.python.org/3/library/asyncio-dev.html#debug-mode for the idea, after the fact
 */
export function startWatchdog(options: WatchdogOptions = {}): Watchdog {
  const resolved = resolveWatchdogOptions(options);
  if (isMainThread) installCapture();
  return new ThreadWatchdog(resolved);
}

class ThreadWatchdog implements Watchdog {
  readonly #ready: Promise<void>;
  readonly #onStall: ((stall: Stall) => void) | undefined;
  readonly #words = new Int32Array(new SharedArrayBuffer(word.count * Int32Array.BYTES_PER_ELEMENT));
  readonly #heartbeat: IntervalHistogram;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #onExit = () => this.#waitForLastReport();
  #stopping: Promise<void> | undefined;

  constructor(options: ResolvedWatchdogOptions) {
    this.#onStall = options.onStall;
    const tickMs = Math.min(50, Math.max(5, Math.round(options.thresholdMs / 4)));
    this.#heartbeat = monitorEventLoopDelay({ resolution: tickMs });
    this.#heartbeat.enable();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const data: WatchingThreadData = {
      words: this.#words,
      port: port2,
      tickMs,
      thresholdMs: options.thresholdMs,
      startupThresholdMs: options.startupThresholdMs,
      report: options.report,
      repeatAfterMs: options.repeatAfterMs,
      mayProbe: isMainThread && mayInspect(),
      cwd: process.cwd(),
      color: process.stderr.isTTY === true && process.stderr.hasColors?.() === true,
    };
    this.#worker = new Worker(new URL("./thread/entry.js", import.meta.url), {
      name: "offloop watchdog",
      workerData: data,
      transferList: [port2],
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    this.#worker.unref();
    this.#ready = new Promise((resolve, reject) => {
      this.#port.on("message", (message: FromThread) => message.type === "ready" && resolve());
      this.#worker.once("error", reject);
    });
    // A watchdog that cannot start must not end the program; whoever calls ready() learns the reason.
    this.#ready.catch(() => undefined);
    this.#worker.on("error", () => undefined);
    this.#exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#port.on("message", (message: FromThread) => this.#receive(message));
    this.#port.unref();
    this.#send({ type: "heartbeat", histogram: this.#heartbeat });
    process.on("exit", this.#onExit);
  }

  async ready(): Promise<void> {
    this.#port.ref();
    try {
      await this.#ready;
    } finally {
      if (!this.#stopping) this.#port.unref();
    }
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
    const stopped = new Promise<void>((resolve) => {
      this.#port.on("message", (message: FromThread) => {
        if (message.type === "stopped") resolve();
      });
    });
    this.#send({ type: "stop" });
    await Promise.race([stopped, this.#exited]);
    process.off("exit", this.#onExit);
    this.#heartbeat.disable();
    this.#port.close();
    await this.#exited;
  }

  #send(message: ToThread): void {
    this.#port.postMessage(message);
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "begin":
        return publishBegin(message.stall);
      case "end":
        publishEnd(message.stall);
        this.#onStall?.(message.stall);
        return;
      case "ready":
      case "stopped":
        return;
      default:
        message satisfies never;
    }
  }

  /** Only where a stall is open: its report would be lost with the watching thread. */
  #waitForLastReport(): void {
    if (Atomics.load(this.#words, word.stallOpen) === 0) return;
    this.#send({ type: "exiting" });
    Atomics.wait(this.#words, word.flushed, 0, exitWaitMs);
  }
}

/** Under `--permission` without `--allow-inspector`, connecting to the main thread ends the process on Node 24 and 26. */
function mayInspect(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission === undefined) return process.features.inspector;
  try {
    return permission.has("inspector");
  } catch {
    return false;
  }
}

