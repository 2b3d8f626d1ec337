// The description of a primitive for console.log and messages: "Lock [locked, waiters: 2]".

/** A primitive that describes its state. */
export abstract class Described {
  /** The words between the brackets. */
  protected abstract describe(): string[];

  toString(): string {
    return `${this.constructor.name} [${this.describe().join(", ")}]`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The number of waiters in words; empty if there is none. */
export function waitersOf({ size }: { readonly size: number }): string[] {
  return size === 0 ? [] : [`waiters: ${size}`];
}
