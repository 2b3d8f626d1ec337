// Objects that belong to one thread: queues, locks, loops, executors. A copy of one would be useless, and would look as
// if it worked. Their classes say so, with the code to write instead.

// A registered symbol, so a bundled copy of this module uses the same one.
const clause = Symbol.for("offloop.boundToThread");

/** For classes. @param advice a clause that follows "an instance of Queue, which belongs to this thread; " */
export function bindToThread(prototype: object, advice: string): void {
  Object.defineProperty(prototype, clause, { value: `which belongs to this thread; ${advice}`, configurable: true });
}

/** Why an object cannot be sent, as a clause; `undefined`: it is not bound to a thread. Only its prototypes are read. */
export function boundClause(value: object): string | undefined {
  return (Object.getPrototypeOf(value) as { [clause]?: string } | null)?.[clause];
}
