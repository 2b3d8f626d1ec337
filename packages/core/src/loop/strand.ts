// Strands: a strand identifies the part of a program that code belongs to. A task is a strand. A timeout, a group or a
// cancel scope inside a task is another strand, so its cancellation reaches only the waits inside it. One
// AsyncLocalStorage holds the current strand, and an `await` reads it to find the waiting task.
import { AsyncLocalStorage } from "node:async_hooks";
import type { EventLoop } from "./host.js";

/** A strand, as the floors below tasks use it. */
export interface Strand {
  /** The strand around it; `undefined` for a task. */
  readonly parent: Strand | undefined;
  /** The task that it belongs to. */
  readonly task: StrandTask;
  /** For a cancel scope: whether it is cancelled. Every wait inside it then rejects, until the scope is left. */
  readonly cancelCalled?: boolean;
  /** For a cancel scope: whether the scopes around it have no effect inside it. */
  readonly shield?: boolean;
}

/** A task, as the floors below tasks use it. */
export interface StrandTask extends Strand {
  readonly loop: EventLoop;
  done(): boolean;
  /** One of its strands waits, until `endWait`. */
  beginWait(wait: Wait): void;
  /** The wait has ended. @returns the error to throw instead of the result of `source`; `undefined`: none */
  endWait(wait: Wait, source: CancelSource | undefined): unknown;
  getName(): string;
}

/** A source that a task can wait for. */
export interface CancelSource {
  cancel(message?: unknown): boolean;
  /** Whether its result is already a cancellation. */
  givesCancelled(): boolean;
}

/** One `await` that has not returned. */
export interface Wait {
  readonly strand: Strand;
  /** `undefined` for a bare yield, which cannot be interrupted. */
  readonly source: CancelSource | undefined;
}

const storage = new AsyncLocalStorage<Strand | undefined>();

/** The strand that is running, or in whose context this callback runs. */
export function currentStrand(): Strand | undefined {
  return storage.getStore();
}

/** Runs `fn`, and everything that it awaits, in `strand`; `undefined`: outside tasks. */
export function runInStrand<T>(strand: Strand | undefined, fn: () => T): T {
  return storage.run(strand, fn);
}

/** Whether a cancel scope around `strand` has been cancelled. */
export function isPressed(strand: Strand): boolean {
  for (let each: Strand | undefined = strand; each !== undefined; each = each.parent) {
    if (each.cancelCalled === true) return true;
    if (each.shield === true) return false;
  }
  return false;
}

/** Whether `strand` is `outer`, or is inside it. */
export function isWithin(strand: Strand, outer: Strand): boolean {
  for (let each: Strand | undefined = strand; each !== undefined; each = each.parent) if (each === outer) return true;
  return false;
}
