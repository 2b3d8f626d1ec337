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

/** The place of a loop's callback, which is in no task. */
interface OutsideTasks {
  readonly task: undefined;
  readonly loop: EventLoop;
}

/** The place that was used last: most programs have one loop. */
let lastPlace: OutsideTasks | undefined;

const storage = new AsyncLocalStorage<Strand | OutsideTasks>();

/** The strand that is running, or in whose context this callback runs. */
export function currentStrand(): Strand | undefined {
  const place = storage.getStore();
  return place?.task === undefined ? undefined : place;
}

/** The loop on which the running code was started, by a task or a callback of it. It may be closed. `undefined`: no loop has started the code. */
export function currentLoop(): EventLoop | undefined {
  const place = storage.getStore();
  return place === undefined ? undefined : (place.task?.loop ?? (place as OutsideTasks).loop);
}

/** Runs `fn`, and everything that it awaits, in `strand`. */
export function runInStrand<T>(strand: Strand, fn: () => T): T {
  return storage.run(strand, fn);
}

/** Runs `fn`, and everything that it awaits, outside tasks. @param loop on which it runs; by default the loop of the calling code, if it has one */
export function runOutsideTasks<T>(fn: () => T, loop = currentLoop()): T {
  if (loop === undefined) return storage.run(undefined as never, fn);
  if (lastPlace?.loop !== loop) lastPlace = { task: undefined, loop };
  return storage.run(lastPlace, fn);
}

/** Whether the running code is outside tasks, and `loop` has started it; `undefined`: no loop has started it. */
export function isOutsideTasksOf(loop: EventLoop): boolean | undefined {
  const place = storage.getStore();
  return place === undefined ? undefined : place.task === undefined && place.loop === loop;
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
