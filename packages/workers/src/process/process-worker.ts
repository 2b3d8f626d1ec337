// The main side of one child process.
//
//   dispatch/lane.ts ─▶ ProcessWorker ── frames on a socket of its own ──▶ entry/process.ts
//                            │ ── a file of cancelled ids ─────────▶  if no file can be written, entry/process.ts polls the socket
//                            ▲ stderr: forwarded to this process's stderr; its end is kept for errors
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { childNode } from "../dispatch/child-node.js";
import { ChildSocket } from "../dispatch/child-socket.js";
import { STDERR_KEPT } from "../dispatch/lane.js";
import { busyMsOf } from "../dispatch/busy-time.js";
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import { type Environment, processEnv, workerExecArgv } from "../dispatch/node-options.js";
import { loaderOptions } from "../dispatch/type-loader.js";
import { spareCores } from "../dispatch/spare-cores.js";
import type { StartedWorker, WorkerLocation, WorkerListener } from "../dispatch/worker-kind.js";
import { queueMicrotask } from "../executor/real-time.js";
import { LoopSpin } from "../protocol/loop-spin.js";
import { openCancelFile, requestCancelByFile } from "../protocol/cancel-file.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { refuseMoved } from "../protocol/refused-value.js";

const entry = fileURLToPath(new URL("../entry/process.js", import.meta.url));

/** The number of calls that a process holds at most. It is small, because without shared memory a sent call cannot be taken back. */
const CAPACITY = 256;

/** Starts a child process. Never throws: reports a failure to start to the listener as an exit. */
export function startProcess(options: ResolvedPoolOptions, listener: WorkerListener): StartedWorker {
  const cancelFd = openCancelFile(CAPACITY);
  let child: ChildProcess;
  try {
    child = spawnChild(options, cancelFd);
  } catch (cause) {
    if (cancelFd !== undefined) closeSync(cancelFd);
    queueMicrotask(() => listener.exited({}, cause));
    return stillborn;
  }
  if (child.pid !== undefined) return new ProcessWorker(child, cancelFd, options, listener);
  child.once("error", (cause) => {
    if (cancelFd !== undefined) closeSync(cancelFd);
    listener.exited({}, cause);
  });
  return stillborn;
}

function spawnChild(options: ResolvedPoolOptions, cancelFd: number | undefined): ChildProcess {
  const { execArgv, env } = childNode(
    [...workerExecArgv(options.execArgv), ...loaderOptions(), ...(options.maxHeapBytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(options.maxHeapBytes / 2 ** 20)}`])],
    processEnv(options.env as Environment | undefined),
  );
  return process.getBuiltinModule("node:child_process").spawn(process.execPath, [...execArgv, entry], {
    // "overlapped" is a pipe on which neither side blocks, also on Windows.
    stdio: ["ignore", "inherit", "pipe", "overlapped", cancelFd ?? "ignore"],
    env,
    // The child has a process group of its own, so Ctrl-C reaches only this process, which lets its calls finish.
    detached: process.platform !== "win32",
  });
}

const stillborn: StartedWorker = {
  slots: undefined,
  capacity: CAPACITY,
  send: () => {},
  requestCancel: () => {},
  poll: () => {},
  close: () => {},
  kill: () => {},
};

class ProcessWorker implements StartedWorker {
  readonly slots = undefined;
  readonly capacity = CAPACITY;
  readonly #cancelFd: number | undefined;
  readonly #child: ChildProcess;
  readonly #socket: ChildSocket<FromWorker>;
  readonly #spin = new LoopSpin({ mayStart: () => spareCores.any });

  constructor(child: ChildProcess, cancelFd: number | undefined, options: ResolvedPoolOptions, listener: WorkerListener) {
    this.#cancelFd = cancelFd;
    this.#child = child;
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
      if (options.onOutput === undefined) process.stderr.write(text);
      else for (const line of text.trimEnd().split("\n")) listener.received({ type: "output", stream: "stderr", callName: undefined, text: line });
    });
    this.#socket = new ChildSocket<FromWorker>(child, {
      arrived: () => this.#spin.arrived(),
      received: (message) => listener.received(message),
      ended: (exit, failure) => {
        if (cancelFd !== undefined) closeSync(cancelFd);
        listener.exited({ ...exit, stderr: stderr.trimEnd() || undefined }, failure);
      },
    });
    if (options.nice > 0) this.#yieldTo(options.nice);
  }

  send(message: ToWorker, moved?: readonly unknown[]): void {
    refuseMoved(moved);
    this.#socket.send(message);
    if (message.type === "run") this.#spin.expect();
  }

  requestCancel(slot: number, id: number): void {
    if (this.#cancelFd !== undefined) requestCancelByFile(this.#cancelFd, slot, id);
  }

  get location(): WorkerLocation | undefined {
    return this.#child.pid === undefined ? undefined : { pid: this.#child.pid };
  }

  busyMs(): number | undefined {
    return this.#child.pid === undefined ? undefined : busyMsOf(String(this.#child.pid));
  }

  poll(): void {} // only the event loop can read a pipe

  close(): void {
    if (!this.#socket.writable) return; // the process is exiting
    this.send({ type: "close" });
    this.#child.ref();
  }

  kill(): void {
    this.#socket.kill();
  }

  #yieldTo(nice: number): void {
    try {
      setPriority(this.#child.pid!, Math.min(constants.priority.PRIORITY_LOW, getPriority() + nice));
    } catch {
      // The process has exited, and its exit is reported.
    }
  }
}
