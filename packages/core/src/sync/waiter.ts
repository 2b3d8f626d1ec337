// Waiter: the future that acquire(), get(), put() and wait() return. It waits in the line of a primitive, and continues
// in its own step, like a task of asyncio that runs the same coroutine.
//
//   start() ─▶ free at once ─▶ done
//      └─▶ stand() ─▶ asleep ──woken by the primitive──▶ step ─▶ takes its turn ─▶ done, or stands again
//                        └──── cancel(), abort ────────▶ step ─▶ passes its turn on ─▶ cancelled
//
// The lock, permit or item stays with the primitive until the step, so a cancellation before the step loses nothing. A
// task that awaits the waiter directly is stepped in the same step. Until then it can be cancelled, as in asyncio.
import { abortSignal, checkOptions, onAbort, type OptionTable } from "@offloop/workers/executor";
import type { CancelledError } from "../errors.js";
import { AwaitJob } from "../future/await-job.js";
import { cancelledError } from "../future/cancelled-error.js";
import { Future } from "../future/future.js";
import type { HandleDescription, Job } from "../loop/job.js";
import { queueMicrotask } from "../loop/real-time.js";
import { currentStrand, isPressed, type Strand } from "../loop/strand.js";
import type { Standing, WaitQueue } from "./wait-queue.js";

/** Options of every wait. */
export interface Abortable {
  /** Cancels the wait when the signal fires: the wait rejects with `CancelledError`, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const abortableTypes: OptionTable<Abortable> = { signal: abortSignal };

/** The options of a call of `of`, such as `Queue.get()`. @throws InvalidOptionError */
export function checkAbortable(of: string, options: Abortable | undefined): Abortable | undefined {
  return options === undefined ? undefined : checkOptions(of, options, abortableTypes);
}

export abstract class Waiter<T> extends Future<T> implements Job, Standing {
  place: Standing["place"] = "outside";
  previous: Standing | undefined;
  next: Standing | undefined;
  /** Whether the waiter stays in its line when it is cancelled. The cancellation is then delivered when the waiter is woken. */
  protected steadfast = false;
  #line: WaitQueue | undefined;
  /** The await of the task that is stepped with this waiter. */
  #awaiting: AwaitJob<T> | undefined;
  /** The error that the next step throws. */
  #cancellation: CancelledError | undefined;
  #unlisten: (() => void) | undefined;
  /** Whether a task made the wait. Outside tasks, a step is a microtask and needs no pass of a loop. */
  readonly #ofTask = currentStrand()?.task.done() === false;

  /** The first attempt. It fulfils the future, throws, or stands in a line. */
  protected abstract begin(): void;

  /**
   * The next attempt, when the waiter has left its line.
   * @param woken whether the primitive had chosen it
   * @param error the cancellation that ends the wait
   */
  protected abstract goOn(woken: boolean, error: CancelledError | undefined): void;

  /**
   * @param isLate whether the await budget is spent, so that the first attempt is made in the loop's next pass
   * @param of the method that was called, as messages name it
   */
  start(isLate: boolean, options: Abortable | undefined, of: string): this {
    let signal: AbortSignal | undefined;
    try {
      signal = checkAbortable(of, options)?.signal;
    } catch (error) {
      this.fail(error);
      return this;
    }
    if (signal?.aborted === true) {
      this.endCancelled(cancelledError(signal.reason));
      return this;
    }
    if (isLate) this.scheduleStep();
    else this.#attempt(() => this.begin());
    if (signal !== undefined && !this.done()) this.#unlisten = onAbort(signal, () => this.#abort(signal.reason));
    return this;
  }

  override cancel(message?: unknown): boolean {
    if (this.done() || this.#cancellation !== undefined) return false;
    // The task that awaits it throws its own cancellation in the coming step, and may take it back until then.
    if (this.#awaiting !== undefined && !this.#canBeSentAway) return false;
    this.#sendAway(message);
    return true;
  }

  override awaitIn(strand: Strand, onValue: (value: T) => void, onError: (error: unknown) => void): void {
    if (this.done() || this.#awaiting !== undefined || strand.task.loop !== this.getLoop()) return super.awaitIn(strand, onValue, onError);
    this.#awaiting = new AwaitJob<T>(this, strand, onValue, onError);
    strand.task.beginWait(this.#awaiting);
  }

  override givesCancelled(): boolean {
    return this.#cancellation !== undefined || super.givesCancelled();
  }

  /** For the line: the waiter was woken, and its step is scheduled. */
  scheduleStep(): void {
    const loop = this.getLoop();
    if (loop.isClosed()) return;
    if (this.#ofTask || this.#awaiting !== undefined) loop.schedule(this);
    else queueMicrotask(() => this.run());
  }

  /** The step. */
  run(): void {
    const job = this.#awaiting;
    const error = (job?.strand.task.endWait(job, this) as CancelledError | undefined) ?? this.#cancellation;
    this.#cancellation = undefined;
    const woken = this.place === "woken";
    const late = this.#line === undefined && error === undefined;
    this.#line?.leave(this);
    this.#line = undefined;
    this.#attempt(() => (late ? this.begin() : this.goOn(woken, error)));
    if (this.done()) {
      this.#unlisten?.();
      job?.deliver();
    } else job?.strand.task.beginWait(job);
  }

  describe(): HandleDescription {
    return this.#awaiting?.describe() ?? { name: this.describeSelf() };
  }

  protected stand(line: WaitQueue): void {
    line.enter(this);
    this.#line = line;
  }

  /** Whether a cancelled scope encloses the await, and so cancels each wait of it. */
  protected get isPressed(): boolean {
    return this.#awaiting !== undefined && isPressed(this.#awaiting.strand);
  }

  /** Whether no task has received the result. */
  protected get isUnclaimed(): boolean {
    return this.done() && !this.rejected() && !this.cancelled() && this.#awaiting === undefined;
  }

  protected endCancelled(error: CancelledError): void {
    this.end(error.cause, error);
  }

  get #canBeSentAway(): boolean {
    return this.place === "asleep" && !this.steadfast;
  }

  #abort(reason: unknown): void {
    if (!this.done() && this.#cancellation === undefined) this.#sendAway(reason);
  }

  #sendAway(message: unknown): void {
    this.#cancellation = cancelledError(message);
    if (!this.#canBeSentAway) return;
    this.place = "cancelled";
    this.scheduleStep();
  }

  #attempt(attempt: () => void): void {
    try {
      attempt();
    } catch (error) {
      this.fail(error);
    }
  }
}
