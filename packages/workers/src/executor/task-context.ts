// taskContext(): the call that the running function belongs to. The entry of a worker, or the inline executor,
// provides it.

/** The call of a running function. */
export interface TaskContext {
  /** The call's name, as in errors and events. */
  readonly name: string;
  /** The worker that runs the call: 1 and up; 0 for the inline executor. */
  readonly workerId: number;
  /** Whether the call has been cancelled. The value is current also in the middle of synchronous code, and cheap enough for inner loops. */
  readonly cancelled: boolean;
  /** The result of the pool's `setup` module in this worker. */
  readonly setup: unknown;
  /** Fires when the call is cancelled; for `fetch`, timers and streams. */
  readonly signal: AbortSignal;
  /** @throws CancelledError if the call has been cancelled */
  throwIfCancelled(): void;
  /** Sends a copy of `value` to the caller's `onProgress`, if there is one. @throws CloneError the value cannot be copied */
  progress(value: unknown): void;
}

/** Returns the context of the running call; `undefined`: no call of this source runs. */
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
