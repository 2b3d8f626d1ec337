// taskContext(): what a function can ask about its own call while it runs. A worker's entry (or the
// inline executor) says which call that is; user code on the same thread reads it.

/** What a running function can see of its call. */
export interface TaskContext {
  /** The call's name, as in errors and events. */
  readonly name: string;
  /** The worker that runs it: 1 and up; 0 for the inline executor. */
  readonly workerId: number;
  /** Whether the call has been cancelled. Cheap enough for inner loops, and current in synchronous code. */
  readonly cancelled: boolean;
  /** What the pool's `setup` module returned in this worker. */
  readonly setup: unknown;
  /** Fires when the call is cancelled; for `fetch`, timers and streams. */
  readonly signal: AbortSignal;
  /** @throws CancelledError if the call has been cancelled */
  throwIfCancelled(): void;
  /** Gives `value` to the caller's `onProgress`, if it has one: copied as results are. @throws CloneError */
  progress(value: unknown): void;
}

/** Tells which call runs now. */
export type TaskContextSource = () => TaskContext | undefined;

// On globalThis by a registered symbol, so that a bundled copy of this module sees the same context.
const key = Symbol.for("offloop.taskContext");
const holder = globalThis as { [key]?: TaskContextSource };

/**
 * The context of the call that runs on this thread now.
 * @throws Error outside a call
 */
export function taskContext(): TaskContext {
  const context = holder[key]?.();
  if (context === undefined) throw new Error("taskContext() was called outside a task: only functions run by an executor have one.");
  return context;
}

/** For executors: adds a source, which is asked before those added earlier. */
export function addTaskContextSource(source: TaskContextSource): void {
  const earlier = holder[key];
  holder[key] = earlier === undefined ? source : () => source() ?? earlier();
}
