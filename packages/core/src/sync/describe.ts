// How a primitive shows itself to console.log and in messages: "Lock [locked, waiters: 2]".

/** A primitive that says in what state it is. */
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

/** How many wait, if any do. */
export function waitersOf({ size }: { readonly size: number }): string[] {
  return size === 0 ? [] : [`waiters: ${size}`];
}
