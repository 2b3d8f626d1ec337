// The default executors of toThread and toProcess. The only file of this package that loads a pool, at the
// first call that needs one. Importing @offloop/core is fast because of it.
import { type Executor, ExecutorShutdownError, invalidArgument, prepareThreads, resolveShutdownOptions, rootContext, type ShutdownOptions, WorkerStartError } from "@offloop/workers/executor";
import { setImmediate } from "../loop/real-time.js";

/** An executor that is created at its first use. */
class LazyExecutor {
  readonly #make: () => Promise<Executor>;
  #executor: Executor | undefined;
  #loading: Promise<Executor> | undefined;
  #generation = 0;

  constructor(make: () => Promise<Executor>) {
    this.#make = make;
  }

  get loaded(): Executor | undefined {
    return this.#executor;
  }

  get exists(): boolean {
    return this.#executor !== undefined || this.#loading !== undefined;
  }

  get(): Executor | Promise<Executor> {
    // In the root context: the executor outlives the call that it is made for.
    return this.#executor ?? (this.#loading ??= rootContext.runInAsyncScope(() => this.#load(this.#generation)));
  }

  set(executor: Executor, of: string): void {
    if (typeof executor?.submit !== "function") throw invalidArgument(of, "an executor", executor, `${of.slice(0, -1)}new ThreadPoolExecutor())`);
    this.#executor = executor;
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const ending = this.#executor;
    this.#executor = undefined;
    this.#loading = undefined;
    this.#generation += 1;
    await ending?.shutdown(options);
  }

  async #load(generation: number): Promise<Executor> {
    const made = await this.#make().catch((error: unknown) => {
      if (generation === this.#generation) this.#loading = undefined; // the next call tries again
      throw error;
    });
    if (generation === this.#generation) return (this.#executor ??= made);
    await made.shutdown();
    throw new ExecutorShutdownError("The default executor was shut down while it was starting. Make the call again: it starts a new one.");
  }
}

/** The engine, piscina and the start of a thread take some ten milliseconds each. Timers and requests get a turn between them. */
const threads = new LazyExecutor(async () => {
  const { ThreadPoolExecutor } = await load();
  await nextTurn();
  const executor = new ThreadPoolExecutor();
  await nextTurn();
  prepareThreads();
  await nextTurn();
  return executor;
});
const processes = new LazyExecutor(async () => new (await load()).ProcessPoolExecutor());

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Workers = typeof import("@offloop/workers");

/** The number of descriptors that loading takes at once, at most. */
const NEEDED_DESCRIPTORS = 4;

/**
 * Loads the pools. Node 20 keeps the failure of an import for ever. So this finds out first whether descriptors are free.
 * Later versions keep it for `import()`, but try a `require` again.
 * @throws WorkerStartError
 */
async function load(): Promise<Workers> {
  try {
    takeDescriptors(NEEDED_DESCRIPTORS);
    return await import("@offloop/workers");
  } catch (cause) {
    try {
      takeDescriptors(NEEDED_DESCRIPTORS);
      return process.getBuiltinModule("node:module").createRequire(import.meta.url)("@offloop/workers") as Workers;
    } catch {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new WorkerStartError(`The default executor could not be started, because @offloop/workers could not be loaded. Fix the reason, and try again. ${reason}`, { cause });
    }
  }
}

/** @throws Error EMFILE or ENFILE: so many descriptors are not free */
function takeDescriptors(count: number): void {
  const { closeSync, openSync } = process.getBuiltinModule("node:fs");
  const taken: number[] = [];
  try {
    while (taken.length < count) taken.push(openSync(process.execPath, "r"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EMFILE" || code === "ENFILE") throw error;
  } finally {
    for (const fd of taken) closeSync(fd);
  }
}

/** Whether there is a default executor, or one is being loaded. */
export function hasDefaultExecutor(): boolean {
  return threads.exists || processes.exists;
}

/** The executor of `toThread` and `runInExecutor(null, …)`: at once if it is loaded, otherwise a promise. */
export function defaultExecutor(): Executor | Promise<Executor> {
  return threads.get();
}

/** The executor of `toProcess`. */
export function defaultProcessExecutor(): Executor | Promise<Executor> {
  return processes.get();
}

/** The executor of `toThread`, if it is loaded. */
export function loadedExecutor(): Executor | undefined {
  return threads.loaded;
}

/** The executor of `toProcess`, if it is loaded. */
export function loadedProcessExecutor(): Executor | undefined {
  return processes.loaded;
}

/**
 * Sets the executor of `toThread` and `runInExecutor(null, …)`, to choose the number of workers, say. The previous one is not shut down.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_default_executor
 */
export function setDefaultExecutor(executor: Executor): void {
  threads.set(executor, "setDefaultExecutor()");
}

/** Sets the executor of `toProcess`. The previous one is not shut down. */
export function setDefaultProcessExecutor(executor: Executor): void {
  processes.set(executor, "setDefaultProcessExecutor()");
}

/** Shuts the default executors down, if there are any. The next `toThread` or `toProcess` creates new ones. */
export async function shutdownDefaultExecutor(options?: ShutdownOptions): Promise<void> {
  resolveShutdownOptions(options);
  await Promise.all([threads.shutdown(options), processes.shutdown(options)]);
}
