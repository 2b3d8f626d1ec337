// Task: an async function that runs on the loop and can be cancelled where it waits.
//
//   cancel() ─▶ the futures that it waits for are cancelled ─▶ CancelledError at its `await`
//            ─▶ it waits for none of ours: task.signal fires, and its next await of ours throws
import { CancelledError } from "../errors.js";
import { cancelledError, Future } from "../future/future.js";
import { currentWaiter, runAsWaiter, type Waiter } from "../future/waiter.js";
import { getEventLoop } from "../loop/running-loop.js";

/** Options of `createTask`. */
export interface TaskOptions {
  /** @default "Task-1", "Task-2", … */
  name?: string;
}

let lastNumber = 0;

/** Made by `createTask`. @see https://docs.python.org/3/library/asyncio-task.html#task-object */
export class Task<T> extends Future<T> implements Waiter {
  #name: string;
  #waiting = new Set<Future<unknown>>();
  #mustCancel: { readonly message: unknown } | undefined;
  #abort: AbortController | undefined;
  #cancelRequests = 0;

  constructor(fn: () => T | PromiseLike<T>, { name }: TaskOptions = {}) {
    super();
    this.#name = name ?? `Task-${++lastNumber}`;
    getEventLoop().callSoon(() => this.#start(fn));
  }

  getName(): string {
    return this.#name;
  }

  setName(name: string): void {
    this.#name = name;
  }

  /** How many cancellations have been asked for, less `uncancel`s. */
  cancelling(): number {
    return this.#cancelRequests;
  }

  /** Takes one request back. */
  uncancel(): number {
    if (this.#cancelRequests > 0) this.#cancelRequests -= 1;
    if (this.#cancelRequests === 0) this.#mustCancel = undefined;
    return this.#cancelRequests;
  }

  /** Fires when the task is cancelled; for `fetch` and Node's own functions. */
  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal;
  }

  /** Throws `CancelledError` at the `await` where the task waits, or at its next. It may be caught. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    this.#cancelRequests += 1;
    let told = false;
    for (const future of [...this.#waiting]) if (future.cancel(message)) told = true;
    if (!told) this.#mustCancel = { message };
    this.#abort?.abort(cancelledError(message));
    return true;
  }

  /** For futures: the task awaits one. */
  waitFor(future: Future<unknown>): void {
    if ((future as unknown) === this || this.done()) return;
    this.#waiting.add(future);
    const forget = (): void => void this.#waiting.delete(future);
    Promise.prototype.then.call(future, forget, forget);
    if (this.#mustCancel === undefined) return;
    const { message } = this.#mustCancel;
    if (future.cancel(message)) this.#mustCancel = undefined;
  }

  #start(fn: () => T | PromiseLike<T>): void {
    if (this.#mustCancel !== undefined) return void super.cancel(this.#mustCancel.message);
    runAsWaiter(this, () => {
      let running: Promise<T>;
      try {
        running = Promise.resolve(fn());
      } catch (error) {
        return this.#fail(error);
      }
      // Through the native slot: the task does not wait for itself.
      Promise.prototype.then.call(running, (value) => this.#succeed(value as T), (error: unknown) => this.#fail(error));
    });
  }

  #succeed(value: T): void {
    if (this.#mustCancel !== undefined) super.cancel(this.#mustCancel.message);
    else this.setResult(value);
  }

  #fail(error: unknown): void {
    const { cause } = (error ?? {}) as { cause?: unknown };
    const abortedByUs = this.#abort?.signal.aborted === true && (error === this.#abort.signal.reason || cause === this.#abort.signal.reason);
    if (error instanceof CancelledError || abortedByUs) super.cancel(error instanceof CancelledError ? (error.cause ?? error.message) : undefined);
    else this.setException(error);
  }
}

/**
 * Starts `fn` as a task, at the loop's next pass. Its context is a copy of the caller's.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
 */
export function createTask<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<Awaited<T>> {
  if (typeof fn !== "function") throw new TypeError("createTask takes an async function, not its promise: createTask(() => work(x))");
  return new Task(fn, options) as Task<Awaited<T>>;
}

/** The task that this code belongs to. */
export function currentTask(): Task<unknown> | undefined {
  const waiter = currentWaiter();
  return waiter instanceof Task ? waiter : undefined;
}

