// Asks the watched thread for its stack, from outside, while it is busy. A session without any
// domain enabled costs the watched thread nothing but the answer; it is opened for each stall and
// closed after it, so that the program's own exit is not held up.
import type { Session } from "node:inspector";
import { captureExpression, sourceMapExpression } from "../capture-stack.js";
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
    this.#evaluate(captureExpression, (text) => answered(JSON.parse(text) as Capture));
  }

  /** Calls back with the source map that a loader made of a file, as JSON; `""`: there is none. */
  askSourceMap(file: string, answered: (json: string) => void): void {
    this.#evaluate(sourceMapExpression(file), answered);
  }

  #evaluate(expression: string, answered: (text: string) => void): void {
    // The callback form: promises of the inspector exist, but add turns to each answer.
    this.#session.post("Runtime.evaluate", { expression, returnByValue: true, silent: true }, (error, answer) => {
      if (error || !this.#open) return;
      const { value } = (answer as EvaluateAnswer).result;
      if (typeof value === "string") answered(value);
    });
  }

  close(): void {
    this.#open = false;
    this.#session.disconnect();
  }
}
