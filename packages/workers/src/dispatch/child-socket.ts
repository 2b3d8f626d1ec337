// The main side of the socket of a child process, for pools and actors: messages in both directions, and the end of the child.
//
//   send ─────▶ message-writer.ts ─▶ [a socket of the child] ─▶ entry/process.ts, entry/actor-process.ts
//   received ◀─ frame-reader.ts ◀─────────────┘
//
// What the child sends is checked: bytes that are no message, and messages that `received` refuses, end the child. The owner hears
// of the end after the child's last message.
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { WorkerExit } from "../executor/errors.js";
import { clearTimeout, setImmediate, setTimeout } from "../executor/real-time.js";
import { inRoot } from "../executor/root-context.js";
import { newMark, SOCKET_FD } from "../frames/frame.js";
import { MessageWriter, messageReader } from "../frames/message-writer.js";
import { endWithParent } from "./reaper.js";

/** Milliseconds that a process may take to end by SIGTERM before it gets SIGKILL. A guess. */
const TERM_MS = 1_000;

/** Milliseconds between the end of a process and the end of its socket, in either order. A guess. */
const APART_MS = 1_000;

/** Milliseconds between a message and the probe after it, and the longest between two probes without an answer. A guess: a task that reads from its socket is a fault, and its neighbours' calls wait that long. */
const PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;

/** Receives the messages and the end of a child. */
export interface ChildListener<Received> {
  /** Bytes have arrived. */
  arrived?(): void;
  /** @throws Error the message is invalid: the child is ended */
  received(message: Received): void;
  /** Called once, after the last message. `failure`: why the child was ended because of what it sent. */
  ended(exit: Pick<WorkerExit, "exitCode" | "signal">, failure: unknown): void;
}

/** The socket of one child, until the child has ended. */
export class ChildSocket<Received> {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #writer: MessageWriter;
  /** Whether a probe will follow, or waits for its answer. */
  #probing = false;
  #sentSinceProbe = false;
  #probeTimer: NodeJS.Timeout | undefined;

  /** @param child a process that was spawned, with a socket as its descriptor `SOCKET_FD`. It does not keep this process alive. */
  constructor(child: ChildProcess, listener: ChildListener<Received>) {
    this.#child = child;
    this.#socket = child.stdio[SOCKET_FD] as Socket;
    const mark = newMark();
    this.#writer = new MessageWriter(this.#socket, () => mark);
    let failure: unknown;
    const reader = messageReader<Received>((message) => listener.received(message), mark, () => this.#probeAnswered());
    this.#socket.on("data", (bytes: Buffer) => {
      if (failure !== undefined) return; // the process is being killed, and its later bytes may be forged too
      listener.arrived?.();
      try {
        reader.push(bytes);
      } catch (error) {
        failure ??= error;
        this.kill();
      }
    });
    this.#socket.on("error", () => {}); // "close" follows
    this.#socket.once("close", () => {
      clearTimeout(this.#probeTimer);
      this.#socketClosed();
    });
    child.on("error", () => {}); // a signal could not be sent: the process has exited
    const ended = (): void => listener.ended({ exitCode: child.exitCode ?? undefined, signal: child.signalCode ?? undefined }, failure);
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
  }

  /** Whether the child has exited. */
  get exited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Whether messages still reach the child. */
  get writable(): boolean {
    return !this.exited && this.#socket.writable;
  }

  /** Later messages are dropped when the socket is closed: the exit of the child settles the calls. @throws Error the message cannot be cloned */
  send(message: Parameters<MessageWriter["send"]>[0]): void {
    this.#writer.send(message);
    this.#sentSinceProbe = true;
    if (!this.#probing) this.#probeAfter(PROBE_MS);
  }

  /** If a task has read messages from the socket of the child, the child notices it by the next frame. A probe is the last one. */
  #probeAfter(ms: number): void {
    this.#probing = true;
    this.#probeTimer = inRoot(() => setTimeout(() => {
      if (this.#writer.flushed) {
        this.#sentSinceProbe = false;
        this.#writer.probe();
      }
      // A task may have read this one too.
      this.#probeAfter(Math.min(2 * ms, LONGEST_PROBE_MS));
    }, ms)).unref();
  }

  #probeAnswered(): void {
    clearTimeout(this.#probeTimer);
    this.#probing = false;
    if (this.#sentSinceProbe) this.#probeAfter(PROBE_MS);
  }

  /** Ends the child. From now on it keeps this process alive. */
  kill(): void {
    if (this.exited) return;
    this.#child.ref();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), TERM_MS);
    this.#child.once("exit", () => clearTimeout(timer));
  }

  /** A process whose socket is closed should exit soon. It is killed if it does not. */
  #socketClosed(): void {
    if (this.exited) return;
    const timer = setTimeout(() => this.kill(), APART_MS);
    this.#child.ref();
    this.#child.once("exit", () => clearTimeout(timer));
  }
}
