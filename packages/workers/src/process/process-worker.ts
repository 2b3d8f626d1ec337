// The main side of one child process.
//
//   dispatch/lane.ts ─▶ ProcessWorker ── frames on a socket of its own ──▶ entry/process.ts
//                            │ ── a file of cancelled ids ─────────▶  if no file can be written, entry/process.ts polls the socket
//                            ▲ stderr: forwarded to this process's stderr; its end is kept for errors
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { constants, getPriority, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { childNode } from "../dispatch/child-node.js";
import { STDERR_KEPT } from "../dispatch/lane.js";
import { busyMsOf } from "../dispatch/busy-time.js";
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import { type Environment, processEnv, workerExecArgv } from "../dispatch/node-options.js";
import { loaderOptions } from "../dispatch/type-loader.js";
import { endWithParent } from "../dispatch/reaper.js";
import { spareCores } from "../dispatch/spare-cores.js";
import type { StartedWorker, WorkerLocation, WorkerListener } from "../dispatch/worker-kind.js";
import { clearTimeout, queueMicrotask, setImmediate, setTimeout } from "../executor/real-time.js";
import { LoopSpin } from "../protocol/loop-spin.js";
import { openCancelFile, requestCancelByFile } from "../protocol/cancel-file.js";
import { newMark } from "../frames/frame.js";
import { MessageWriter, messageReader } from "../frames/message-writer.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { refuseMoved } from "../protocol/refused-value.js";

const entry = fileURLToPath(new URL("../entry/process.js", import.meta.url));

/** Milliseconds that a process may take to end by SIGTERM before it gets SIGKILL. A guess. */
const TERM_MS = 1_000;

/** The number of calls that a process holds at most. It is small, because without shared memory a sent call cannot be taken back. */
const CAPACITY = 256;

/** Milliseconds between the end of a process and the end of its socket, in either order. A guess. */
const APART_MS = 1_000;

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
  readonly #socket: Socket;
  readonly #writer: MessageWriter;
  readonly #spin = new LoopSpin({ mayStart: () => spareCores.any });

  constructor(child: ChildProcess, cancelFd: number | undefined, options: ResolvedPoolOptions, listener: WorkerListener) {
    this.#cancelFd = cancelFd;
    this.#child = child;
    this.#socket = child.stdio[3] as Socket;
    const mark = newMark();
    this.#writer = new MessageWriter(this.#socket, () => mark);
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
      if (options.onOutput === undefined) process.stderr.write(text);
      else for (const line of text.trimEnd().split("\n")) listener.received({ type: "output", stream: "stderr", callName: undefined, text: line });
    });
    let failure: unknown;
    const reader = messageReader<FromWorker>((message) => listener.received(message), mark);
    this.#socket.on("data", (bytes: Buffer) => {
      if (failure !== undefined) return; // the process is being killed, and its later bytes may be forged too
      this.#spin.arrived();
      try {
        reader.push(bytes);
      } catch (error) {
        failure ??= error;
        this.kill();
      }
    });
    this.#socket.on("error", () => {}); // "close" follows
    this.#socket.once("close", () => this.#socketClosed());
    child.on("error", () => {}); // a signal could not be sent: the process has exited
    const ended = (): void => {
      if (this.#cancelFd !== undefined) closeSync(this.#cancelFd);
      listener.exited({ exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined, stderr: stderr.trimEnd() || undefined }, failure);
    };
    // The last messages of the child arrive until its socket is closed.
    child.once("exit", () => {
      if (this.#socket.closed) return setImmediate(ended);
      const timer = setTimeout(() => this.#socket.destroy(), APART_MS);
      this.#socket.once("close", () => {
        clearTimeout(timer);
        setImmediate(ended);
      });
    });
    endWithParent(child);
    child.unref();
    this.#socket.unref();
    (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
    if (options.nice > 0) this.#yieldTo(options.nice);
  }

  send(message: ToWorker, moved?: readonly unknown[]): void {
    refuseMoved(moved);
    this.#writer.send(message);
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
    if (this.#ended || !this.#socket.writable) return; // the process is exiting
    this.send({ type: "close" });
    this.#child.ref();
  }

  kill(): void {
    if (this.#ended) return;
    this.#child.ref();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), TERM_MS);
    this.#child.once("exit", () => clearTimeout(timer));
  }

  /** A process whose socket is closed should exit soon. It is killed if it does not. */
  #socketClosed(): void {
    if (this.#ended) return;
    const timer = setTimeout(() => this.kill(), APART_MS);
    this.#child.ref();
    this.#child.once("exit", () => clearTimeout(timer));
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #yieldTo(nice: number): void {
    try {
      setPriority(this.#child.pid!, Math.min(constants.priority.PRIORITY_LOW, getPriority() + nice));
    } catch {
      // The process has exited, and its exit is reported.
    }
  }
}
