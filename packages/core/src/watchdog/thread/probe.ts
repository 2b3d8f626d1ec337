// Asks the watched thread for its stack, from outside, while it is busy. A session without any
// domain enabled costs the watched thread nothing but the answer; it is opened for each stall and
// closed after it, so that the program's own exit is not held up.
//
//   a main thread is asked directly:   session ── Runtime.evaluate ──▶ main thread
//   a worker through the main thread:  session ── NodeWorker ──▶ main thread's inspector ── Runtime.evaluate ──▶ worker
import type { Session } from "node:inspector";
import { captureExpression, sourceMapExpression } from "../capture-stack.js";
import type { Capture } from "../protocol.js";
import type { Probe } from "./world.js";

/** The inspector's module, loaded only where it may be used. */
export type Inspector = typeof import("node:inspector");

interface EvaluateAnswer {
  readonly result?: { readonly value?: unknown };
}

abstract class SessionProbe implements Probe {
  protected readonly session: Session;
  protected open = true;

  constructor(inspector: Inspector) {
    this.session = new inspector.Session();
    this.session.connectToMainThread();
  }

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

  protected abstract evaluate(params: { expression: string; returnByValue: true; silent: true }, answered: (answer: EvaluateAnswer) => void): void;

  close(): void {
    this.open = false;
    this.session.disconnect();
  }
}

export class MainThreadProbe extends SessionProbe {
  protected evaluate(params: { expression: string }, answered: (answer: EvaluateAnswer) => void): void {
    // The callback form: promises of the inspector exist, but add turns to each answer.
    this.session.post("Runtime.evaluate", params, (error, answer) => !error && answered(answer as EvaluateAnswer));
  }
}

/** What the NodeWorker domain tells of a worker that it knows. */
interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

export class WorkerProbe extends SessionProbe {
  readonly #pending = new Map<number, (answer: EvaluateAnswer) => void>();
  /** Messages from before the worker was found. */
  readonly #waiting: string[] = [];
  #sessionId: string | undefined;
  #nextId = 1;

  /** @param threadId the worker's, as `node:worker_threads` counts */
  constructor(inspector: Inspector, threadId: number) {
    super(inspector);
    const ours = `[worker ${threadId}]`;
    this.session.on("NodeWorker.attachedToWorker", ({ params }) => {
      const { sessionId, workerInfo } = params as Attached;
      if (!workerInfo.title.startsWith(ours)) return;
      this.#sessionId = sessionId;
      for (const message of this.#waiting.splice(0)) this.#send(message);
    });
    this.session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
      if (params.sessionId !== this.#sessionId) return;
      const { id, result = {} } = JSON.parse(params.message) as { readonly id?: number; readonly result?: EvaluateAnswer };
      if (id === undefined) return;
      const answered = this.#pending.get(id);
      this.#pending.delete(id);
      answered?.(result);
    });
    this.session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  }

  protected evaluate(params: { expression: string }, answered: (answer: EvaluateAnswer) => void): void {
    const id = this.#nextId++;
    this.#pending.set(id, answered);
    const message = JSON.stringify({ id, method: "Runtime.evaluate", params });
    if (this.#sessionId === undefined) this.#waiting.push(message);
    else this.#send(message);
  }

  #send(message: string): void {
    this.session.post("NodeWorker.sendMessageToWorker", { sessionId: this.#sessionId!, message }, () => undefined);
  }
}
