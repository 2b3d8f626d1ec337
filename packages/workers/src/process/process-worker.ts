// The main side of one child process.
//
//   dispatch/lane.ts ─▶ ProcessWorker ── IPC, structured clone ──▶ entry/process.ts
//                            │ ── a file of cancelled ids ────────▶
//                            ▲ stderr, passed on to ours, its end kept for errors
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { STDERR_KEPT } from "../dispatch/lane.js";
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerChannel, WorkerKind, WorkerListener } from "../dispatch/worker-channel.js";
import { openCancelFile, requestCancelByFile } from "../protocol/cancel-file.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { refuseThreadOnly } from "../protocol/thread-only.js";
import { reapWithParent } from "./reaper.js";

const entry = fileURLToPath(new URL("../entry/process.js", import.meta.url));

/** How long a process may take to end by SIGTERM before it gets SIGKILL. A guess. */
const TERM_MS = 1_000;

/** Calls that a process holds at the most: without shared memory a call that was sent cannot be taken back. */
const CAPACITY = 256;

/** Child processes as workers of a dispatcher. */
export function processKind(options: ResolvedPoolOptions): WorkerKind {
  return { name: "process", start: (listener) => new ProcessWorker(options, listener) };
}

class ProcessWorker implements WorkerChannel {
  readonly slots = undefined;
  readonly capacity = CAPACITY;
  readonly #cancelFd = openCancelFile();
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  constructor(options: ResolvedPoolOptions, listener: WorkerListener) {
    const child = process.getBuiltinModule("node:child_process").fork(entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "pipe", "ipc", this.#cancelFd],
      execArgv: [
        ...(options.execArgv ?? process.execArgv),
        ...(options.maxHeapBytes === undefined ? [] : [`--max-old-space-size=${Math.ceil(options.maxHeapBytes / 2 ** 20)}`]),
      ],
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    this.#child = child;
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
      if (options.onOutput === undefined) process.stderr.write(text);
      else for (const line of text.trimEnd().split("\n")) listener.received({ type: "output", stream: "stderr", callName: undefined, text: line });
    });
    child.on("message", (message: unknown) => {
      // User code has the channel too: what is none of ours is passed over.
      if (typeof (message as { type?: unknown } | null)?.type === "string") listener.received(message as FromWorker);
    });
    this.#gone = new Promise((resolve) => {
      let failure: Error | undefined;
      const ended = (): void => {
        closeSync(this.#cancelFd);
        listener.exited({ exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined, stderr: stderr.trimEnd() || undefined }, failure);
        resolve();
      };
      // A process that could not be spawned has no exit; one that exits still has messages on their way
      // until its channel is closed. What could not be written to it says nothing of why it ended.
      child.on("error", (error) => {
        if (child.pid !== undefined) return;
        failure = error;
        ended();
      });
      child.once("exit", () => (child.connected ? child.once("disconnect", () => setImmediate(ended)) : setImmediate(ended)));
    });
    reapWithParent(child);
    child.unref();
    child.channel?.unref();
    (child.stderr as unknown as { unref?(): void } | null)?.unref?.();
    if (child.pid !== undefined && options.nice > 0) this.#yieldTo(child.pid, options.nice);
  }

  send(message: ToWorker, moved?: readonly unknown[]): void {
    refuseThreadOnly(message, moved);
    this.#child.send(message);
  }

  requestCancel(slot: number, id: number): void {
    requestCancelByFile(this.#cancelFd, slot, id);
  }

  poll(): void {} // what a pipe holds, only the event loop can tell

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null || !this.#child.connected) return this.#gone;
    this.send({ type: "close" });
    this.#child.ref();
    await this.#gone;
  }

  async kill(): Promise<void> {
    this.#child.ref();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), TERM_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #yieldTo(pid: number, nice: number): void {
    try {
      setPriority(pid, Math.min(nice, constants.priority.PRIORITY_LOW));
    } catch {
      // It has exited already, and says so by its exit.
    }
  }
}
