// timeout(): cancels a body when its deadline passes.
import { inspectAs, onAbort } from "@offloop/workers/executor";
import { isCancelled, TimeoutError } from "../errors.js";
import { orReject } from "../future/or-reject.js";
import { warnOfSeconds } from "../future/short-delay.js";
import type { Handle } from "../loop/handle.js";
import type { Strand } from "../loop/strand.js";
import { isAbortBy } from "./abort-error.js";
import { checkBody } from "./check-body.js";
import { checkDelay, checkLoopTime } from "./delay.js";
import { InnerStrand, inTask } from "./inner-strand.js";
import { warnOfLateEnd } from "./late-end.js";

/** The deadline of a running `timeout`, passed to its body. */
export interface Timeout {
  /** The deadline on the loop's clock, in milliseconds; `undefined`: none. */
  when(): number | undefined;
  /** Moves the deadline; `undefined`: none. @throws Error the body has ended, or the deadline has passed */
  reschedule(when: number | undefined): void;
  /** Whether the deadline passed before the body ended. */
  expired(): boolean;
  /** Fires when the deadline passes, and when the task is cancelled. Pass it to `fetch` and to functions of Node. */
  readonly signal: AbortSignal;
}

/**
 * Runs `body` in the current task, and cancels the body's waits after `delayMs` milliseconds. Other branches of
 * the task continue. Outside a task, the body runs in a new task.
 * @param delayMs `undefined` or Infinity: no deadline, until `reschedule` sets one
 * @returns what the body returns
 * @throws TimeoutError the deadline passed first; else what the body throws
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
 */
export function timeout<T>(delayMs: number | undefined, body: (timeout: Timeout) => T | PromiseLike<T>): Promise<Awaited<T>> {
  return orReject(() => {
    checkDelay("timeout()", "delayMs", delayMs);
    warnOfSeconds("timeout() or waitFor()", delayMs);
    checkBody("timeout()", body, "timeout(500, async () => { … })");
    return inTask("timeout", (strand) => {
      const when = delayMs === undefined || delayMs === Infinity ? undefined : strand.task.loop.time() + delayMs;
      return new Deadline(strand, when, delayMs).enclose(body);
    });
  });
}

/** As `timeout`, until a time on the loop's clock. @see https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout_at */
export function timeoutAt<T>(when: number | undefined, body: (timeout: Timeout) => T | PromiseLike<T>): Promise<Awaited<T>> {
  return orReject(() => {
    checkLoopTime("timeoutAt()", "when", when);
    checkBody("timeoutAt()", body, "timeoutAt(loop.time() + 500, async () => { … })");
    return inTask("timeout", (strand) => new Deadline(strand, when === Infinity ? undefined : when, undefined).enclose(body));
  });
}

/** `active` ─▶ `expiring` (the deadline has passed, and the body is being cancelled) ─▶ `expired`; or `active` ─▶ `exited`. */
type State = "active" | "expiring" | "expired" | "exited";

class Deadline implements Timeout {
  static {
    inspectAs<Deadline>(this.prototype, (timeout) => `Timeout [${timeout.#state}, when: ${timeout.#when ?? "never"}]`);
  }

  readonly #strand: InnerStrand;
  readonly #cancelRequests: number;
  readonly #began: number;
  readonly #delayMs: number | undefined;
  #state: State = "active";
  #when: number | undefined;
  #handle: Handle | undefined;
  #abort: AbortController | undefined;
  #unlisten: (() => void) | undefined;

  constructor(parent: Strand, when: number | undefined, delayMs: number | undefined) {
    this.#strand = new InnerStrand(parent);
    this.#cancelRequests = this.#strand.task.cancelling();
    this.#began = this.#strand.task.loop.time();
    this.#delayMs = delayMs;
    this.reschedule(when);
  }

  when(): number | undefined {
    return this.#when;
  }

  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = (this.#abort = new AbortController());
      const ofTask = this.#strand.task.signal;
      // AbortSignal.any() would keep a listener that a client leaves on this signal for as long as the task's signal lives.
      if (ofTask.aborted) abort.abort(ofTask.reason);
      else if (this.#state === "active") this.#unlisten = onAbort(ofTask, () => abort.abort(ofTask.reason));
    }
    return this.#abort.signal;
  }

  reschedule(when: number | undefined): void {
    if (this.#state !== "active") throw new Error(`The timeout is ${this.#state}, and its deadline cannot be moved any more. Call reschedule() while its body runs.`);
    checkLoopTime("reschedule()", "when", when);
    this.#handle?.cancel();
    this.#handle = undefined;
    this.#when = when;
    if (when === undefined || when === Infinity) return;
    const { loop } = this.#strand.task;
    this.#handle = when <= loop.time() ? loop.callSoon(this.#expire) : loop.callAt(when, this.#expire);
  }

  async enclose<T>(body: (timeout: Timeout) => T | PromiseLike<T>): Promise<Awaited<T>> {
    let result: Awaited<T>;
    try {
      result = await this.#strand.run(async () => await body(this));
    } catch (error) {
      this.#exit(error);
      throw error;
    }
    this.#exit(undefined);
    return result;
  }

  #expire = (): void => {
    if (this.#state !== "active") return;
    this.#state = "expiring";
    this.#handle = undefined;
    this.#abort?.abort(new TimeoutError(this.#ms()));
    this.#strand.cancel();
  };

  /** The body has ended. @throws TimeoutError the body was cancelled because its deadline passed, and for no other reason */
  #exit(error: unknown): void {
    this.#handle?.cancel();
    this.#handle = undefined;
    this.#unlisten?.();
    warnOfLateEnd("timeout() or waitFor()", this.#strand.task.loop, this.#when);
    if (this.#state === "expiring") {
      this.#state = "expired";
      const isOurs = this.#isOurs(error); // before the task gets a new signal
      const left = this.#strand.task.uncancel();
      this.#strand.leave();
      if (left <= this.#cancelRequests && isOurs) throw new TimeoutError(this.#ms(), { cause: error });
    } else {
      this.#state = "exited";
      this.#strand.leave();
    }
  }

  #isOurs(error: unknown): boolean {
    return isCancelled(error) || isAbortBy(error, this.#abort?.signal) || this.#strand.task.asCancelled(error) !== undefined;
  }

  #ms(): number {
    return this.#delayMs ?? Math.max(0, (this.#when ?? this.#began) - this.#began);
  }
}
