// Strands: in whose name code runs. A task is a strand; a timeout, a group or a cancel scope inside it
// is a strand of its own, so that its end reaches what waits within it, and not the task's other
// branches. One AsyncLocalStorage holds the strand: an `await` finds here who waits.
import { AsyncLocalStorage } from "node:async_hooks";
import type { EventLoop } from "./host.js";

/** What the rooms below tasks know of one. */
export interface Strand {
  /** The strand around it; `undefined`: it is a task. */
  readonly parent: Strand | undefined;
  /** The task that it belongs to. */
  readonly task: StrandTask;
  /** A cancel scope: all that waits within it is cancelled, again and again, until the scope is left. */
  readonly cancelCalled?: boolean;
  /** A cancel scope: those around it do not reach in. */
  readonly shield?: boolean;
}

/** What the rooms below tasks know of a task. */
export interface StrandTask extends Strand {
  readonly loop: EventLoop;
  done(): boolean;
  /** One of its strands waits, until `endWait`. */
  beginWait(wait: Wait): void;
  /** The wait is over. @returns the error to throw instead of what `source` has; `undefined`: none */
  endWait(wait: Wait, source: CancelSource | undefined): unknown;
  getName(): string;
}

/** Something that a task can wait for. */
export interface CancelSource {
  cancel(message?: unknown): boolean;
  /** Whether what it gives is a cancellation already. */
  givesCancelled(): boolean;
}

/** One `await` that has not returned. */
export interface Wait {
  readonly strand: Strand;
  /** `undefined` for a bare yield, which cannot be cut short. */
  readonly source: CancelSource | undefined;
}

const storage = new AsyncLocalStorage<Strand | undefined>();

/** The strand that runs now, or in whose context this callback runs. */
export function currentStrand(): Strand | undefined {
  return storage.getStore();
}

/** Runs `fn`, and all that it awaits, in `strand`; `undefined`: in no task. */
export function runInStrand<T>(strand: Strand | undefined, fn: () => T): T {
  return storage.run(strand, fn);
}

/** Whether a cancel scope around `strand` insists on its end. */
export function isPressed(strand: Strand): boolean {
  for (let each: Strand | undefined = strand; each !== undefined; each = each.parent) {
    if (each.cancelCalled === true) return true;
    if (each.shield === true) return false;
  }
  return false;
}

/** Whether `strand` is `outer`, or somewhere within it. */
export function isWithin(strand: Strand, outer: Strand): boolean {
  for (let each: Strand | undefined = strand; each !== undefined; each = each.parent) if (each === outer) return true;
  return false;
}
