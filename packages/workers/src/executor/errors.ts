// The errors of @offloop/workers: one class for each thing that a caller would do differently, each
// with a stable `code`. A message says what happened, to which call, and what to do about it.
// Imports nothing, so that @offloop/core can share CancelledError without loading a pool.

/** The base of every error that an executor itself raises; what the function throws is passed on as it is. */
export class OffloopError extends Error {
  /** Stable across releases: `ERR_OFFLOOP_…`. Compare this, not the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static {
    this.prototype.name = "OffloopError";
  }
}

/**
 * The call or task was cancelled: by its future's `cancel()`, by its `AbortSignal` (whose reason is
 * the `cause`), or by a shutdown that cancels what is pending.
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError
 */
export class CancelledError extends OffloopError {
  constructor(message = "The call was cancelled", options?: ErrorOptions) {
    super("ERR_OFFLOOP_CANCELLED", message, options);
  }

  static {
    this.prototype.name = "CancelledError";
  }
}

/** The call was longer in the queue than `queueTimeoutMs`, or ran longer than `runTimeoutMs`. */
export class CallTimeoutError extends OffloopError {
  /** Which of the two deadlines passed. */
  readonly stage: "queue" | "run";
  readonly timeoutMs: number;

  constructor(stage: "queue" | "run", timeoutMs: number, callName: string) {
    super(
      "ERR_OFFLOOP_TIMEOUT",
      stage === "queue"
        ? `${callName} waited in the queue for more than ${timeoutMs} ms (queueTimeoutMs). ` +
            "Add workers, submit less at once, or raise the limit."
        : `${callName} ran for more than ${timeoutMs} ms (runTimeoutMs). ` +
            "Check taskContext().throwIfCancelled() in its loops so that it can stop early, or raise the limit.",
    );
    this.stage = stage;
    this.timeoutMs = timeoutMs;
  }

  static {
    this.prototype.name = "CallTimeoutError";
  }
}

/** What is known of a worker's end. */
export interface WorkerExit {
  readonly workerId: number;
  /** The exit code, where the worker exited by itself. */
  readonly exitCode?: number | undefined;
  /** The signal that ended it: processes only. */
  readonly signal?: string | undefined;
  /** The last lines that it wrote to standard error, where it wrote any. */
  readonly stderr?: string | undefined;
}

/** The worker ended while it ran the call. The executor goes on with another worker. */
export class WorkerCrashedError extends OffloopError {
  readonly callName: string;
  readonly exit: WorkerExit;

  constructor(callName: string, exit: WorkerExit, options?: ErrorOptions & { code?: string; message?: string }) {
    super(options?.code ?? "ERR_OFFLOOP_WORKER_CRASHED", options?.message ?? crashMessage(callName, exit, options?.cause), options);
    this.callName = callName;
    this.exit = exit;
  }

  static {
    this.prototype.name = "WorkerCrashedError";
  }
}

function crashMessage(callName: string, exit: WorkerExit, cause: unknown): string {
  const how = exit.signal
    ? `was ended by ${exit.signal}`
    : cause instanceof Error
      ? `died of an uncaught ${cause.name}: ${cause.message}`
      : `exited with code ${exit.exitCode ?? "unknown"}`;
  const stderr = exit.stderr ? `\nIts last lines on stderr:\n${exit.stderr}` : "";
  return (
    `Worker ${exit.workerId} ${how} while it ran ${callName}. The call may have had effects; ` +
    `declare it idempotent with retries to have it run again.${stderr}`
  );
}

/** The worker reached its heap limit while it ran the call. */
export class OutOfMemoryError extends WorkerCrashedError {
  constructor(callName: string, exit: WorkerExit, options?: ErrorOptions) {
    super(callName, exit, {
      ...options,
      code: "ERR_OFFLOOP_OUT_OF_MEMORY",
      message: `Worker ${exit.workerId} reached its heap limit while it ran ${callName}. Give it less data at once, or raise maxHeapBytes.`,
    });
  }

  static {
    this.prototype.name = "OutOfMemoryError";
  }
}

/** A call that ended several workers in a row is not tried again. */
export class PoisonCallError extends OffloopError {
  /** How each of the workers that ran it ended, oldest first. */
  readonly history: readonly WorkerExit[];

  constructor(callName: string, history: readonly WorkerExit[], options?: ErrorOptions) {
    super(
      "ERR_OFFLOOP_POISON_CALL",
      `${callName} ended ${history.length} workers in a row and is refused from now on: ` +
        history.map((exit) => `worker ${exit.workerId} ${exit.signal ?? `exited with code ${exit.exitCode ?? "unknown"}`}`).join(", "),
      options,
    );
    this.history = history;
  }

  static {
    this.prototype.name = "PoisonCallError";
  }
}

/** No worker could be started for the call; `cause` has the reason. The executor tries again with the next call. */
export class WorkerStartError extends OffloopError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_OFFLOOP_WORKER_START", message, options);
  }

  static {
    this.prototype.name = "WorkerStartError";
  }
}

/** The executor was shut down before the call could be made: you closed it. */
export class ExecutorShutdownError extends OffloopError {
  constructor(message = "The executor is shut down and takes no more calls. Create another one, or submit before shutdown().") {
    super("ERR_OFFLOOP_SHUTDOWN", message);
  }

  static {
    this.prototype.name = "ExecutorShutdownError";
  }
}

/** The queue holds `maxQueue` calls already. */
export class QueueFullError extends OffloopError {
  constructor(callName: string, maxQueue: number) {
    super(
      "ERR_OFFLOOP_QUEUE_FULL",
      `${callName} was refused: ${maxQueue} calls wait already (maxQueue). Wait for some to settle, or raise the limit.`,
    );
  }

  static {
    this.prototype.name = "QueueFullError";
  }
}

/** The function cannot travel to a worker; the message names it, the reason, and what to do. */
export class FunctionTravelError extends OffloopError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_OFFLOOP_FUNCTION_TRAVEL", message, options);
  }

  static {
    this.prototype.name = "FunctionTravelError";
  }
}

/** A value cannot be cloned to the other side. */
export class CloneError extends OffloopError {
  /** Where in the arguments or the result the culprit is: `args[0].user.socket`, `result.handle`. */
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super("ERR_OFFLOOP_CLONE", message, options);
    this.path = path;
  }

  static {
    this.prototype.name = "CloneError";
  }
}

/** An option has a value that it does not take. */
export class InvalidOptionError extends OffloopError {
  readonly option: string;

  constructor(option: string, got: unknown, takes: string) {
    super("ERR_OFFLOOP_INVALID_OPTION", `${option} takes ${takes}; got ${describe(got)}.`);
    this.option = option;
  }

  static {
    this.prototype.name = "InvalidOptionError";
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `a function (${value.name || "anonymous"})`;
  if (typeof value === "object" && value !== null) return `an object (${value.constructor?.name ?? "null prototype"})`;
  return String(value);
}
