// The main side of one thread. piscina starts and ends the thread. Calls travel over a separate MessagePort.
// Each worker is a piscina instance with one thread, so a thread can be ended, replaced and limited without
// an effect on the others. piscina's own queue stays empty.
//
//   dispatch/lane.ts ─▶ ThreadWorker ── port ──▶ entry/thread.ts
import type { MessagePort, Transferable, Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import type { Piscina } from "piscina";
import { afterLoads } from "../dispatch/after-loads.js";
import { STDERR_KEPT } from "../dispatch/lane.js";
import { busyMsOf } from "../dispatch/busy-time.js";
import { threadExecArgv, workerEnv } from "../dispatch/node-options.js";
import { tellThreadsOfLoader } from "../dispatch/type-loader.js";
import { spareCores } from "../dispatch/spare-cores.js";
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { StartedWorker, WorkerLocation, WorkerListener } from "../dispatch/worker-kind.js";
import type { ThreadSetup } from "../entry/thread.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { loadDependency } from "../executor/load-module.js";
import { queueMicrotask } from "../executor/real-time.js";
import { packMessage } from "../protocol/pack-message.js";
import { PostCount } from "../protocol/post-count.js";
import { Slots } from "../protocol/slots.js";

/** Loaded as CommonJS, with the first thread: the ES module takes a third longer, and would delay the import of this package. */
const loadPiscina = (): typeof import("piscina") => loadDependency<typeof import("piscina")>(import.meta.url, "piscina");

/** Loaded with the first thread. */
const threads = (): typeof import("node:worker_threads") => process.getBuiltinModule("node:worker_threads");

/**
 * A CommonJS file, written by scripts/doors.mjs, which imports `entry/thread.js`. piscina requires it. Node 20 and 22
 * abort the process when a thread is ended while it requires an ES module.
 */
const entry = fileURLToPath(new URL("../entry/thread.cjs", import.meta.url));

/** The number of calls that a thread holds at most, which is the largest size of an envelope. */
const SLOTS = 1_024;

/** Starts a thread. Never throws: reports a failure to start to the listener as an exit. */
export function startThread(options: ResolvedPoolOptions, listener: WorkerListener): StartedWorker {
  try {
    return new ThreadWorker(options, listener);
  } catch (cause) {
    queueMicrotask(() => listener.exited({}, cause));
    return stillborn;
  }
}

const stillborn: StartedWorker = {
  slots: undefined,
  capacity: SLOTS,
  send: () => {},
  requestCancel: () => {},
  poll: () => {},
  close: () => {},
  kill: () => {},
};

class ThreadWorker implements StartedWorker {
  readonly slots = new Slots(SLOTS);
  readonly capacity = SLOTS;
  readonly #listener: WorkerListener;
  readonly #posts = new PostCount("main");
  readonly #port: MessagePort;
  readonly #pool: Piscina;
  /** Whether the port is closed: the thread has run its teardown, or is about to exit by itself. */
  #portClosed = false;
  #closing = false;
  readonly #systemId = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #loads = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** Ends the thread because of a message that it sent. */
  readonly #broken: (error: unknown) => void;

  constructor(options: ResolvedPoolOptions, listener: WorkerListener) {
    const { port1, port2 } = new (threads().MessageChannel)();
    this.#listener = listener;
    this.#port = port1;
    const env = typeof options.env === "symbol" ? options.env : workerEnv(options.env);
    const execArgv = threadExecArgv(options.execArgv);
    tellThreadsOfLoader();
    this.#pool = new (loadPiscina().Piscina)({
      filename: entry,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: Infinity, // dispatch/ decides when a thread ends
      atomics: "disabled", // the thread must not block: user code's timers and sockets run in it
      recordTiming: false,
      ...(env === undefined ? {} : { env: env as Record<string, string> }),
      ...(execArgv === undefined ? {} : { execArgv }),
      ...(options.maxHeapBytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapBytes / 2 ** 20 } }),
    });
    this.#pool.on("error", () => {}); // the thread's "error" event below has the details
    const setup: ThreadSetup = { port: port2, words: this.slots.buffer, posts: this.#posts.buffer, busy: spareCores.buffer, systemId: this.#systemId, loads: this.#loads, nice: options.nice };
    const opened = this.#pool.run(setup, { transferList: [port2] });
    const worker = this.#pool.threads[0] as Worker;
    let cause: unknown;
    opened.catch((error: unknown) => {
      cause ??= error;
      void worker.terminate();
    });
    worker.once("error", (error) => (cause = error));
    // Node also forwards the thread's stderr to the stderr of this process.
    let stderr = "";
    worker.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT)));
    worker.once("exit", (exitCode) => {
      this.#drain();
      port1.close();
      listener.exited({ exitCode, stderr: stderr.trimEnd() || undefined }, cause);
    });
    port1.once("close", () => {
      this.#portClosed = true;
      if (this.#closing) this.kill();
    });
    this.#broken = (error) => {
      cause ??= error;
      afterLoads(this.#loads, () => void worker.terminate());
    };
    port1.on("message", (message: FromWorker) => this.#take(message));
    port1.on("messageerror", (error: unknown) => {
      this.#posts.received();
      this.#broken(error);
    });
    port1.unref();
  }

  send(message: ToWorker, transfer?: readonly unknown[]): void {
    packMessage(message);
    if (transfer === undefined) this.#port.postMessage(message);
    else this.#port.postMessage(message, transfer as Transferable[]);
    this.#posts.posted();
  }

  requestCancel(slot: number): void {
    this.slots.requestCancel(slot);
  }

  close(): void {
    this.#closing = true;
    if (this.#portClosed) return this.kill();
    this.send({ type: "close" });
    this.#port.ref();
  }

  kill(): void {
    afterLoads(this.#loads, () => void this.#pool.destroy());
  }

  get location(): WorkerLocation | undefined {
    const thread = this.#pool.threads[0];
    return thread && { threadId: thread.threadId };
  }

  /** Without Linux, a thread in a call that blocks its event loop counts as busy. */
  busyMs(): number | undefined {
    const id = this.#systemId[0]!;
    return (id === 0 ? undefined : busyMsOf(`self/task/${id}`)) ?? this.#pool.threads[0]?.performance.eventLoopUtilization().active;
  }

  poll(): void {
    if (this.#posts.waiting) this.#drain();
  }

  /** Receives the messages of the thread that the event loop has not delivered yet. */
  #drain(): void {
    const { receiveMessageOnPort } = threads();
    for (;;) {
      let next: ReturnType<typeof receiveMessageOnPort>;
      try {
        next = receiveMessageOnPort(this.#port);
      } catch (error) {
        this.#posts.received();
        this.#broken(error);
        continue;
      }
      if (next === undefined) return;
      this.#take(next.message as FromWorker);
    }
  }

  /** An invalid message ends the thread. The exit of the thread then settles its calls. */
  #take(message: FromWorker): void {
    this.#posts.received();
    try {
      this.#listener.received(message);
    } catch (error) {
      this.#broken(error);
    }
  }
}
