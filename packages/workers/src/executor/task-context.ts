// taskContext(): what a function can read about its own call while it runs. A worker's entry (or the inline
// executor) provides the call.

/** What a running function can read of its call. */
export interface TaskContext {
  /** The call's name, as in errors and events. */
  readonly name: string;
  /** The worker that runs the call: 1 and up; 0 for the inline executor. */
  readonly workerId: number;
  /** Whether the call has been cancelled. Cheap enough for inner loops. Current in the middle of synchronous code. */
  readonly cancelled: boolean;
  /** What the pool's `setup` module returned in this worker. */
  readonly setup: unknown;
  /** Fires when the call is cancelled; for `fetch`, timers and streams. */
  readonly signal: AbortSignal;
  /** @throws CancelledError if the call has been cancelled */
  throwIfCancelled(): void;
  /** Sends `value` to the caller's `onProgress`, if it has one. Copied as results are. @throws CloneError */
  progress(value: unknown): void;
}

/** Returns the context of the running call. */
export type TaskContextSource = () => TaskContext | undefined;

// A property of globalThis under a registered symbol, so a bundled copy of this module uses the same context.
const key = Symbol.for("offloop.taskContext");
const holder = globalThis as { [key]?: TaskContextSource };

/**
 * The context of the call that this thread is running.
 * @throws Error outside a call
 */
export function taskContext(): TaskContext {
  const context = holder[key]?.();
  if (context === undefined) throw new Error("taskContext() was called outside a call. Call it inside a function that toThread() or an executor runs.");
  return context;
}

/** For executors: adds a source. Later sources are asked first. */
export function addTaskContextSource(source: TaskContextSource): void {
  const earlier = holder[key];
  holder[key] = earlier === undefined ? source : () => source() ?? earlier();
}
