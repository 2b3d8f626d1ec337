// The default executor of toThread. The one file of this package that loads a pool, and only at the
// first call that needs it: importing @offloop/core costs a few milliseconds.
import { type Executor, ExecutorShutdownError, type ShutdownOptions } from "@offloop/workers/executor";

let executor: Executor | undefined;
let loading: Promise<Executor> | undefined;
let generation = 0;

/** The executor of `toThread` and `runInExecutor(null, …)`: at once where it is loaded, else a promise. */
export function defaultExecutor(): Executor | Promise<Executor> {
  return executor ?? (loading ??= load(generation));
}

async function load(wanted: number): Promise<Executor> {
  const { ThreadPoolExecutor } = await import("@offloop/workers");
  if (wanted !== generation) throw new ExecutorShutdownError("The default executor was shut down while it was starting.");
  loading = undefined;
  return (executor ??= new ThreadPoolExecutor());
}

/**
 * Has `toThread` and `runInExecutor(null, …)` use this executor. The one before is not shut down.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_default_executor
 */
export function setDefaultExecutor(next: Executor): void {
  if (typeof next?.submit !== "function") throw new TypeError("setDefaultExecutor takes an executor, such as new ThreadPoolExecutor()");
  executor = next;
}

/** Shuts the default executor down, if there is one; the next `toThread` makes another. */
export async function shutdownDefaultExecutor(options?: ShutdownOptions): Promise<void> {
  const ending = executor;
  executor = undefined;
  loading = undefined;
  generation += 1;
  await ending?.shutdown(options);
}
