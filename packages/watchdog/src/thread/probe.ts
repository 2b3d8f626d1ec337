// Asks the watched thread for its stack, through the inspector, while that thread is busy. No domain is
// enabled, so a session costs the watched thread only the answers. A session is opened for each stall and
// closed after it, because an open one would delay the exit of the program.
//
//   a main thread is asked directly:   session ── Runtime.evaluate ──▶ main thread
//   a worker through the main thread:  session ── NodeWorker ──▶ main thread's inspector ── Runtime.evaluate ──▶ worker
import type { Session } from "node:inspector";
import { setTimeout as delay } from "node:timers/promises";
import { captureExpression, sourceMapExpression } from "../protocol/probe-expressions.js";
import type { Capture } from "../protocol/messages.js";
import type { Probe } from "./world.js";

/** The module `node:inspector`. It is loaded only if it may be used. */
export type Inspector = typeof import("node:inspector");

interface EvaluateAnswer {
  readonly result?: { readonly value?: unknown };
}

const noAnswer: EvaluateAnswer = {};

interface Evaluation {
  readonly expression: string;
  readonly returnByValue: true;
  readonly silent: true;
}

abstract class SessionProbe implements Probe {
  protected open = true;

  ask(answered: (capture: Capture) => void): void {
    this.#evaluate(captureExpression, (text) => answered(JSON.parse(text) as Capture));
  }

  askSourceMap(file: string, answered: (json: string) => void): void {
    this.#evaluate(sourceMapExpression(file), answered);
  }

  #evaluate(expression: string, answered: (text: string) => void): void {
    this.evaluate({ expression, returnByValue: true, silent: true }, (answer) => {
      const value = this.open ? answer.result?.value : undefined;
      if (typeof value === "string") answered(value);
    });
  }

  protected abstract evaluate(params: Evaluation, answered: (answer: EvaluateAnswer) => void): void;
  protected abstract disconnect(): void;

  close(): void {
    this.open = false;
    this.disconnect();
  }
}

export class MainThreadProbe extends SessionProbe {
  readonly #session: Session;

  constructor(inspector: Inspector) {
    super();
    this.#session = new inspector.Session();
    this.#session.connectToMainThread();
  }

  protected evaluate(params: Evaluation, answered: (answer: EvaluateAnswer) => void): void {
    // The promises API of the inspector would add turns of the loop to each answer.
    this.#session.post("Runtime.evaluate", params, (error, answer) => !error && answered((answer ?? noAnswer) as EvaluateAnswer));
  }

  protected disconnect(): void {
    this.#session.disconnect();
  }
}

/** A worker, as the NodeWorker domain reports it. */
interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

/**
 * A session through the main thread stays open for this many milliseconds, and for twice as long while a question
 * is open. It can keep the main thread from ending for that time, while a worker is stalled. A guess, far above
 * what an answer takes.
 */
const LONGEST_SESSION_MS = 100;

export class WorkerProbe extends SessionProbe {
  readonly #inspector: Inspector;
  readonly #title: string;
  readonly #pending = new Map<number, (answer: EvaluateAnswer) => void>();
  /** The messages that wait until the worker is found. */
  #waiting: string[] = [];
  #session: Session | undefined;
  #sessionId: string | undefined;
  #nextId = 1;

  /** @param threadId the `threadId` of the worker */
  constructor(inspector: Inspector, threadId: number) {
    super();
    this.#inspector = inspector;
    this.#title = `[worker ${threadId}]`;
  }

  /** A question that stays unanswered, because native code runs, is dropped with its session. */
  protected evaluate(params: Evaluation, answered: (answer: EvaluateAnswer) => void): void {
    const session = (this.#session ??= this.#connect());
    const id = this.#nextId++;
    this.#pending.set(id, answered);
    const message = JSON.stringify({ id, method: "Runtime.evaluate", params });
    if (this.#sessionId === undefined) this.#waiting.push(message);
    else send(session, this.#sessionId, message);
  }

  #connect(): Session {
    const session = new this.#inspector.Session();
    session.connectToMainThread();
    session.on("NodeWorker.attachedToWorker", ({ params }) => {
      const { sessionId, workerInfo } = params as Attached;
      if (session !== this.#session || !workerInfo.title.startsWith(this.#title)) return;
      this.#sessionId = sessionId;
      for (const message of this.#waiting.splice(0)) send(session, sessionId, message);
    });
    session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
      if (session !== this.#session || params.sessionId !== this.#sessionId) return;
      const { id, result = noAnswer } = JSON.parse(params.message) as { readonly id?: number; readonly result?: EvaluateAnswer };
      const answered = id === undefined ? undefined : this.#pending.get(id);
      if (id !== undefined) this.#pending.delete(id);
      answered?.(result);
    });
    session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
    this.#disconnectLater(session, 1);
    return session;
  }

  #disconnectLater(session: Session, extensions: number): void {
    setTimeout(() => {
      if (session !== this.#session) return;
      if (this.#pending.size > 0 && extensions > 0) this.#disconnectLater(session, extensions - 1);
      else this.disconnect();
    }, LONGEST_SESSION_MS);
  }

  protected disconnect(): void {
    this.#session?.disconnect();
    this.#session = this.#sessionId = undefined;
    this.#waiting = [];
    this.#pending.clear();
  }
}

/** The goodbye waits at most this many milliseconds for the main thread's answer. A guess, far above what an answer takes. */
const LONGEST_GOODBYE_MS = 1000;

/**
 * Resolves when the main thread has released every session that was closed. The watching thread must not end before:
 * Node aborts the process if the main thread answers a thread that is being torn down, or deletes a session of it.
 */
export async function workerProbesAreLetGo(inspector: Inspector): Promise<void> {
  const session = new inspector.Session();
  session.connectToMainThread();
  // The main thread serves sessions in order, so it has deleted the others before it answers here.
  await Promise.race([new Promise((resolve) => session.post("Runtime.evaluate", { expression: "0" }, resolve)), delay(LONGEST_GOODBYE_MS)]);
  session.disconnect();
  // Nothing reports when this last session is deleted.
  await delay(LONGEST_SESSION_MS);
}

function send(session: Session, sessionId: string, message: string): void {
  session.post("NodeWorker.sendMessageToWorker", { sessionId, message }, () => undefined);
}
