// What the primitives have in common: their description for console.log and messages, "Lock [locked, waiters: 2]", and
// that they belong to one thread.
import { bindToThread, classNameOf } from "@offloop/workers/executor";

/** A primitive that describes its state. */
export abstract class Described {
  static {
    bindToThread(this.prototype, "in the worker, await fromThread(use), where use is an exported function that uses it");
  }

  /** The words between the brackets. */
  protected abstract describe(): string[];

  toString(): string {
    return `${classNameOf(this)} [${this.describe().join(", ")}]`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The number of waiters in words; empty if there is none. */
export function waitersOf({ size }: { readonly size: number }): string[] {
  return size === 0 ? [] : [`waiters: ${size}`];
}
