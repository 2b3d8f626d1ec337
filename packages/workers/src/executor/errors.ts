// The errors of @offloop/workers: one class for each thing that a caller would do differently, each with a
// code of its own. A message says what happened, to which call, and what to do about it. docs/errors.md lists
// the codes. This file imports nothing, so that @offloop/core shares its classes without loading a pool.
import { isError } from "./realm.js";

/** The base class of every error that an executor raises itself. An error that the function throws arrives as it is. */
export class OffloopError extends Error {
  /** The code of the class's instances. */
  static readonly code: string = "ERR_OFFLOOP";
  /** Stable across releases: `ERR_OFFLOOP_…`. Compare this, not the message. */
  readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = new.target.code;
  }

  static {
    this.prototype.name = "OffloopError";
  }
}

/**
 * The call or task was cancelled: by its future's `cancel()`, by its `AbortSignal` (whose reason is
 * the `cause`), or by a shutdown that cancels pending calls.
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError
 */
export class CancelledError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_CANCELLED";
  declare readonly code: "ERR_OFFLOOP_CANCELLED";

  constructor(message = "The call was cancelled", options?: ErrorOptions) {
    super(message, options);
  }

  static {
    this.prototype.name = "CancelledError";
  }
}

/** A future is not in the state that the operation needs: it is settled twice, or read before it is done. */
export class InvalidStateError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_INVALID_STATE";
  declare readonly code: "ERR_OFFLOOP_INVALID_STATE";

  constructor(message: string) {
    super(message);
  }

  static {
    this.prototype.name = "InvalidStateError";
  }
}

/** An operation took longer than its time limit: a `timeout`, a `waitFor`, or a call (`CallTimeoutError`). */
export class TimeoutError extends OffloopError {
  static override readonly code: "ERR_OFFLOOP_TIMEOUT" | "ERR_OFFLOOP_CALL_TIMEOUT" = "ERR_OFFLOOP_TIMEOUT";
  declare readonly code: "ERR_OFFLOOP_TIMEOUT" | "ERR_OFFLOOP_CALL_TIMEOUT";
  /** The limit that was exceeded, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number, options?: ErrorOptions & { message?: string }) {
    super(options?.message ?? `The operation took longer than ${timeoutMs} ms. Raise the limit, or make the work shorter.`, options);
    this.timeoutMs = timeoutMs;
  }

  static {
    this.prototype.name = "TimeoutError";
  }
}

/** The call waited in the queue for longer than `queueTimeoutMs`, or ran for longer than `runTimeoutMs`. */
export class CallTimeoutError extends TimeoutError {
  static override readonly code = "ERR_OFFLOOP_CALL_TIMEOUT";
  declare readonly code: "ERR_OFFLOOP_CALL_TIMEOUT";
  /** Which of the two deadlines passed. */
  readonly stage: "queue" | "run";

  constructor(stage: "queue" | "run", timeoutMs: number, callName: string) {
    super(timeoutMs, {
      message:
        stage === "queue"
          ? `${callName} waited in the queue for more than ${timeoutMs} ms (queueTimeoutMs). ` +
            "Add workers, submit less at once, or raise the limit."
          : `${callName} ran for more than ${timeoutMs} ms (runTimeoutMs). ` +
            "Check taskContext().throwIfCancelled() in its loops so that it can stop early, or raise the limit.",
    });
    this.stage = stage;
  }

  static {
    this.prototype.name = "CallTimeoutError";
  }
}

/** Whether a value is a `CancelledError`. A function may throw anything, also a proxy whose traps throw. */
export function isCancellation(value: unknown): value is CancelledError {
  try {
    return value instanceof CancelledError;
  } catch {
    return false;
  }
}

/** How a worker ended. */
export interface WorkerExit {
  /** 0: the whole host was lost. */
  readonly workerId: number;
  /** The name of its host, for workers on other hosts. */
  readonly host?: string | undefined;
  /** The exit code, if the worker exited by itself. */
  readonly exitCode?: number | undefined;
  /** The signal that ended the worker; for processes only. */
  readonly signal?: string | undefined;
  /** The last lines that the worker wrote to standard error, if it wrote any. */
  readonly stderr?: string | undefined;
}

/** The worker ended while it ran the call. The executor continues with another worker. */
export class WorkerCrashedError extends OffloopError {
  static override readonly code: "ERR_OFFLOOP_WORKER_CRASHED" | "ERR_OFFLOOP_OUT_OF_MEMORY" = "ERR_OFFLOOP_WORKER_CRASHED";
  declare readonly code: "ERR_OFFLOOP_WORKER_CRASHED" | "ERR_OFFLOOP_OUT_OF_MEMORY";
  /** The name of the call that the worker ran. */
  readonly callName: string;
  /** How the worker ended. */
  readonly exit: WorkerExit;

  constructor(callName: string, exit: WorkerExit, options?: ErrorOptions & { message?: string }) {
    super(options?.message ?? crashMessage(callName, exit, options?.cause), options);
    this.callName = callName;
    this.exit = exit;
  }

  static {
    this.prototype.name = "WorkerCrashedError";
  }
}

function nameOfWorker({ workerId, host }: WorkerExit): string {
  if (host === undefined) return `Worker ${workerId}`;
  return workerId === 0 ? `Host ${host}` : `Worker ${workerId} of host ${host}`;
}

function crashMessage(callName: string, exit: WorkerExit, cause: unknown): string {
  const how = exit.signal
    ? `was ended by ${exit.signal}`
    : isError(cause)
      ? `died of an uncaught ${cause.name}: ${cause.message}`
      : exit.workerId === 0
        ? "was lost"
        : `exited with code ${exit.exitCode ?? "unknown"}`;
  const stderr = exit.stderr ? `\nIts last lines on stderr:\n${exit.stderr}` : "";
  return (
    `${nameOfWorker(exit)} ${how} while it ran ${callName}. The call may have had effects. ` +
    `If it may run twice, give it retries.${stderr}`
  );
}

/** The worker reached its heap limit while it ran the call. */
export class OutOfMemoryError extends WorkerCrashedError {
  static override readonly code = "ERR_OFFLOOP_OUT_OF_MEMORY";
  declare readonly code: "ERR_OFFLOOP_OUT_OF_MEMORY";

  constructor(callName: string, exit: WorkerExit, options?: ErrorOptions) {
    super(callName, exit, {
      ...options,
      message: `Worker ${exit.workerId} reached its heap limit while it ran ${callName}. Give it less data at once, or raise maxHeapBytes.`,
    });
  }

  static {
    this.prototype.name = "OutOfMemoryError";
  }
}

/** The call ended several workers in a row, and is not retried. */
export class PoisonCallError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_POISON_CALL";
  declare readonly code: "ERR_OFFLOOP_POISON_CALL";
  /** How each of the workers that ran it ended, oldest first. */
  readonly history: readonly WorkerExit[];

  constructor(callName: string, history: readonly WorkerExit[], options?: ErrorOptions) {
    super(`${callName} ended ${history.length} workers in a row and is not retried: ` +
        history.map((exit) => `worker ${exit.workerId} ${exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.exitCode ?? "unknown"}`}`).join(", ") +
        ". Fix what ends the worker: `history` has the exit code, the signal and the last lines on stderr of each.",
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
  static override readonly code = "ERR_OFFLOOP_WORKER_START";
  declare readonly code: "ERR_OFFLOOP_WORKER_START";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }

  static {
    this.prototype.name = "WorkerStartError";
  }
}

/** The executor was shut down before the call was made. */
export class ExecutorShutdownError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_SHUTDOWN";
  declare readonly code: "ERR_OFFLOOP_SHUTDOWN";

  constructor(message = "The executor is shut down and takes no more calls. Create another one, or submit before shutdown().") {
    super(message);
  }

  static {
    this.prototype.name = "ExecutorShutdownError";
  }
}

/** The call was refused, because `maxQueue` calls wait already. */
export class QueueFullError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_CALL_QUEUE_FULL";
  declare readonly code: "ERR_OFFLOOP_CALL_QUEUE_FULL";

  constructor(callName: string, maxQueue: number) {
    super(`${callName} was refused: ${maxQueue} calls wait already (maxQueue). Await ready() before each submit(), or raise the limit.`,
    );
  }

  static {
    this.prototype.name = "QueueFullError";
  }
}

/** The function cannot travel to a worker. The message names the function and the reason, and says what to do. */
export class FunctionTravelError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_FUNCTION_TRAVEL";
  declare readonly code: "ERR_OFFLOOP_FUNCTION_TRAVEL";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
  }

  static {
    this.prototype.name = "FunctionTravelError";
  }
}

/** An argument, a result or an item cannot be cloned to the other side. */
export class CloneError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_CLONE";
  declare readonly code: "ERR_OFFLOOP_CLONE";
  /** The path to the part that cannot be cloned: `args[0].user.socket`, `result.handle`. */
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }

  static {
    this.prototype.name = "CloneError";
  }
}

/** An option or argument has a value that it does not take, or the option is unknown. */
export class InvalidOptionError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_INVALID_OPTION";
  declare readonly code: "ERR_OFFLOOP_INVALID_OPTION";
  /** The option's name. */
  readonly option: string;

  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }

  static {
    this.prototype.name = "InvalidOptionError";
  }
}

/** A function was called with an argument of the wrong kind. The message says what to write. */
export class InvalidArgumentError extends TypeError {
  /** As of each error of these packages: a name that stays the same. */
  static readonly code = "ERR_OFFLOOP_INVALID_ARGUMENT";
  /** As of each error of these packages: a name that stays the same. */
  readonly code = "ERR_OFFLOOP_INVALID_ARGUMENT";

  static {
    this.prototype.name = "InvalidArgumentError";
  }
}
