// Asks the watched thread for its stack, from outside, while it is busy. A session without any
// domain enabled costs the watched thread nothing but the answer; it is opened for each stall and
// closed after it, so that the program's own exit is not held up.
import type { Session } from "node:inspector";
import { captureExpression } from "../capture-stack.js";
import type { Capture } from "../protocol.js";

interface EvaluateAnswer {
  readonly result: { readonly value?: unknown };
}

/** The inspector's module, loaded only where it may be used. */
export type Inspector = typeof import("node:inspector");

export class Probe {
  readonly #session: Session;
  #open = true;

  constructor(inspector: Inspector) {
    this.#session = new inspector.Session();
    this.#session.connectToMainThread();
  }

  /** Calls back with the stack; later, where native code has the thread; never, once closed. */
  ask(answered: (capture: Capture) => void): void {
    // The callback form: promises of the inspector exist, but add turns to each answer.
    this.#session.post("Runtime.evaluate", { expression: captureExpression, returnByValue: true, silent: true }, (error, answer) => {
      if (error || !this.#open) return;
      const { value } = (answer as EvaluateAnswer).result;
      if (typeof value === "string") answered(JSON.parse(value) as Capture);
    });
  }

  close(): void {
    this.#open = false;
    this.#session.disconnect();
  }
}
