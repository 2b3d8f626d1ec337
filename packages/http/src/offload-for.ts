// Calls on behalf of a request: they end when its client goes away or its time is over, and carry its name.
//
//   client gone ─┐
//   deadline ────┴─▶ signal of the call ─▶ the function is told ─▶ graceMs ─▶ its worker is ended
import { CallTimeoutError, ExecutorShutdownError, isCancelled, QueueFullError, toThread } from "@offloop/core";
import { type Callable, type CallArguments, type CallLimiter, checkOptions, type Executor, finiteNumber, nameText, objectWith, type OptionTable, type Received, type ReturnsData, spanMs } from "@offloop/workers/executor";
import { signalOfConnection } from "./abort-signal-of.js";
import { type AnyRequest, arrivedAtMs, connectionOf } from "./any-request.js";
import { RequestTimeoutError } from "./errors.js";
import { anExecutor } from "./load-gauge.js";
import { nameOf } from "./request-name.js";
import { clearTimeout, now, setTimeout } from "./real-time.js";

/** Options of `offloadFor`. */
export interface OffloadForOptions {
  /** @default the executor of `toThread` */
  executor?: Executor | undefined;
  /** How long the request may take, in milliseconds, counted from its arrival. Then its calls reject with `RequestTimeoutError`. @default Infinity */
  deadlineMs?: number | undefined;
  /**
   * The time from the cancellation of a running call to the end of its worker, in milliseconds. A function that looks at
   * `taskContext()` ends by itself, and its worker stays.
   * @default 40: short, because nobody waits for the result any more
   */
  graceMs?: number | undefined;
  /** Higher values leave the queue first. @default 0 */
  priority?: number | undefined;
  /** Limits how many of the calls run at once: a `CapacityLimiter`, say. @default none */
  limiter?: CallLimiter | undefined;
  /** The name of the request in events and errors. @default method, and route or path: `GET /users/:id` */
  name?: string | undefined;
}

/** Runs `fn(...args)` on a worker, for one request. */
export type RequestOffload = <A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>) => Promise<Received<Awaited<R>>>;

/** The default of `OffloadForOptions.graceMs`. */
const GRACE_MS = 40;

/** The types of `OffloadForOptions`, for options that extend them. */
const offloadForTypes: OptionTable<OffloadForOptions> = {
  executor: anExecutor,
  deadlineMs: spanMs,
  graceMs: spanMs,
  priority: finiteNumber,
  limiter: objectWith(["acquire", "release"], "an object with acquire() and release(), such as a CapacityLimiter"),
  name: nameText,
};

/**
 * Returns a function that runs functions on a worker on behalf of a request. Its calls are cancelled when the client goes
 * away, and when the request is older than `deadlineMs`. A call that waits never starts; one that runs is told, and its worker
 * is ended after `graceMs`. In events and errors a call is named after its request: `GET /users/:id: render`.
 *
 * Errors of the executor get `statusCode` and `headers`, which Express, Fastify and Koa use for the answer: 503 with
 * `Retry-After` if the queue is full, if the time is over and while the server shuts down; 499 if the client has gone. An
 * error that `fn` throws arrives unchanged.
 * @throws InvalidArgumentError `request` is no request; InvalidOptionError
 * @throws (by rejection) what `fn` throws; `RequestTimeoutError`; `CancelledError`, whose cause is the reason of `abortSignalOf(request)`; any `OffloopError`
 * @example
 * app.get("/thumbs/:id", async (req, res) => {
 *   res.type("webp").send(await offloadFor(req, { deadlineMs: 2_000 })(resize, await load(req.params.id)));
 * });
 */
export function offloadFor(request: AnyRequest, options?: OffloadForOptions): RequestOffload {
  const connection = connectionOf(request, "offloadFor()");
  const { executor, deadlineMs = Infinity, graceMs = GRACE_MS, name, ...call } = checkOptions("offloadFor()", options, offloadForTypes);
  const gone = signalOfConnection(connection);
  const arrivedMs = deadlineMs === Infinity ? 0 : arrivedAtMs(connection.request);
  return async (fn, ...args) => {
    const callName = `${name ?? nameOf(connection)}: ${(fn as { readonly name?: string })?.name || "anonymous"}`;
    const deadline = deadlineMs === Infinity ? undefined : new Deadline(callName, deadlineMs, arrivedMs);
    const signal = deadline ? AbortSignal.any([gone, deadline.signal]) : gone;
    const view = { ...call, graceMs, signal, name: callName };
    try {
      return await (executor ? executor.with(view).submit(fn, ...args) : toThread.with(view)(fn, ...args));
    } catch (error) {
      throw forAnswer(error, gone, deadline?.signal);
    } finally {
      deadline?.clear();
    }
  };
}

class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(callName: string, deadlineMs: number, arrivedMs: number) {
    const leftMs = Math.max(0, deadlineMs - (now() - arrivedMs));
    const passed = (): void => this.#controller.abort(new RequestTimeoutError(callName, deadlineMs));
    if (leftMs === 0) passed();
    this.#timer = setTimeout(passed, Math.min(leftMs, 2 ** 31 - 1));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** The error with which the call rejects: with a status, where the executor made it. */
function forAnswer(error: unknown, gone: AbortSignal, deadline: AbortSignal | undefined): unknown {
  if (isCancelled(error)) {
    if (deadline?.aborted && error.cause === deadline.reason) return deadline.reason;
    return gone.aborted && error.cause === gone.reason ? Object.assign(error, { statusCode: 499 }) : error;
  }
  if (error instanceof QueueFullError || error instanceof CallTimeoutError || error instanceof ExecutorShutdownError) {
    return Object.assign(error, { statusCode: 503, headers: { "retry-after": "1" } });
  }
  return error;
}
