// run() and Runner start a program of tasks. They create a loop and run `main` on it. At the end they cancel and await
// every task, shut down the default executor, and close the loop.
import { callback, checkOptions, flag, instanceOf, invalidArgument, type OptionTable } from "@offloop/workers/executor";
import type { EventLoop } from "./event-loop.js";
import { sleep } from "./future/sleep.js";
import { setImmediate } from "./loop/real-time.js";
import { checkNoneRuns, newEventLoop } from "./loop/running-loop.js";
import { hasDefaultExecutor, shutdownDefaultExecutor } from "./offload/default-executor.js";
import { listenFor, type Signal, watchRejections } from "./run-listeners.js";
import { allTasks } from "./task/all-tasks.js";
import { Context, copyContext } from "./task/context.js";
import { gather } from "./task/gather.js";
import { tasksWithWaits } from "./task/left-waits.js";
import { takeOpenGenerators, watchGenerators } from "./task/open-generators.js";
import type { Task } from "./task/task.js";

/** Options of `run` and `Runner`. */
export interface RunOptions {
  /** Debug mode: see `EventLoop.debug`. @default true if the environment has OFFLOOP_DEBUG=1 */
  debug?: boolean | undefined;
  /** Creates the loop. @default newEventLoop */
  loopFactory?: (() => EventLoop) | undefined;
  /**
   * On SIGINT and SIGTERM the main task is cancelled, so its `finally` blocks run. A second signal ends the process at
   * once. If the program has its own listener when the signal arrives, `run` does not handle the signal.
   * @default true, on the main thread
   */
  handleSignals?: boolean | undefined;
}

const runOptionTypes: OptionTable<RunOptions> = { debug: flag, loopFactory: callback, handleSignals: flag };

/** Options of `Runner.run`. */
export interface RunnerRunOptions {
  /** The context from which `main` reads ContextVars. @default a context that all mains of the runner share */
  context?: Context | undefined;
}

const runnerRunOptionTypes: OptionTable<RunnerRunOptions> = { context: instanceOf(Context, "a Context, such as copyContext() gives") };

/**
 * Runs `main` as a task on a new loop, and cleans up when it ends: cancels and awaits the tasks that are left, cancels
 * the waits of code that nothing awaits, closes open async generators in debug mode, and shuts down the default executors
 * that it found missing. Only what `main` starts belongs to that loop, so several `run()` may be under way.
 * @returns what `main` returns
 * @throws what `main` throws; Error inside a task, or in a callback of a loop that is being run
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
 */
export async function run<T>(main: () => T | PromiseLike<T>, options?: RunOptions): Promise<Awaited<T>> {
  const runner = new Runner(checkOptions("run()", options, runOptionTypes));
  try {
    return await runner.run(main);
  } finally {
    await runner.close();
  }
}

/** The runners that have a loop. The last one to close shuts the default executors down, unless the first one found some. */
const open = new Set<Runner>();
let foundExecutor = false;
/** The runners whose main a signal has cancelled, and that have not closed. */
const ending = new Set<Runner>();
/** The signal that has ended a main. */
let endedBy: Signal | undefined;

/**
 * Runs several mains one after another on one loop.
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner
 */
export class Runner implements AsyncDisposable {
  readonly #options: Partial<RunOptions>;
  #state: "created" | "initialised" | "closed" = "created";
  #loop: EventLoop | undefined;
  #context: Context | undefined;
  #unwatchGenerators: (() => void) | undefined;

  constructor(options?: RunOptions) {
    this.#options = checkOptions("new Runner()", options, runOptionTypes);
  }

  /** The loop. Created at its first use. @throws Error the runner is closed */
  getLoop(): EventLoop {
    if (this.#state === "closed") throw new Error("The runner is closed and runs no more mains. Create another Runner, or call run() before close().");
    if (this.#loop === undefined) {
      this.#loop = (this.#options.loopFactory ?? newEventLoop)();
      if (this.#options.debug !== undefined) this.#loop.debug = this.#options.debug;
      this.#context = copyContext();
      this.#state = "initialised";
      if (open.size === 0) foundExecutor = hasDefaultExecutor();
      open.add(this);
    }
    return this.#loop;
  }

  /** Runs `main` as a task. */
  async run<T>(main: () => T | PromiseLike<T>, options?: RunnerRunOptions): Promise<Awaited<T>> {
    if (typeof main !== "function") throw invalidArgument("run()", "the main function itself", main, "run(main), not run(main())");
    const { context } = checkOptions("Runner.run()", options, runnerRunOptionTypes);
    checkNoneRuns("run()");
    const loop = this.getLoop();
    if (loop.debug) this.#unwatchGenerators ??= watchGenerators();
    const task = loop.createTask(main, { name: "main", context: context ?? this.#context });
    const handleSignals = process.getBuiltinModule("node:worker_threads").isMainThread && (this.#options.handleSignals ?? true);
    const unlisten = listenFor(task as Task<unknown>, handleSignals, (signal) => {
      ending.add(this);
      task.whenDone(() => {
        if (task.cancelled()) endedBy = signal;
      });
    });
    try {
      return (await loop.runUntilComplete(task)) as Awaited<T>;
    } finally {
      unlisten();
    }
  }

  /** Cancels and awaits the tasks that are left, shuts down the default executors if the runner found none, and closes the loop. */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (loop === undefined) return;
    try {
      await cancelAll(loop);
      open.delete(this);
      if (open.size === 0 && !foundExecutor) await shutdownDefaultExecutor();
    } finally {
      this.#unwatchGenerators?.();
      open.delete(this);
      ending.delete(this);
      if (!loop.isClosed()) loop.close();
      this.#loop = undefined;
    }
    // A signal that cancelled the main task ends the process after the clean-up of all runners, with the signal's exit status.
    if (endedBy !== undefined && ending.size === 0) process.kill(process.pid, endedBy);
  }

  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function cancelAll(loop: EventLoop): Promise<void> {
  if (loop.isClosed()) return;
  const tasks = [...allTasks(loop)];
  if (tasks.length > 0) {
    for (const task of tasks) task.cancel();
    await loop.runUntilComplete(() => gather(tasks, { returnExceptions: true }));
    for (const task of tasks) {
      if (task.rejected()) loop.callExceptionHandler({ message: `${task.getName()} threw while run() cancelled the tasks that were left. Handle the error inside the task.`, error: task.exception(), task });
    }
  }
  await cancelLeftWaits(loop);
  await closeGenerators(loop);
}

/** Code of tasks that have ended still waits, because nothing awaits it. Its `finally` blocks run now. */
async function cancelLeftWaits(loop: EventLoop): Promise<void> {
  const tasks = tasksWithWaits.of(loop);
  if (tasks.size === 0) return;
  const unwatch = watchRejections();
  try {
    for (const task of tasks) (task as unknown as Task<unknown>).cancelLeftWaits();
    await loop.runUntilComplete(() => sleep(0));
    await new Promise((resolve) => setImmediate(resolve)); // Node reports unhandled rejections before it
  } finally {
    unwatch();
  }
}

/** Closes the async generators that were left open, which only debug mode knows. Their `finally` blocks run. */
async function closeGenerators(loop: EventLoop): Promise<void> {
  const open = await takeOpenGenerators(loop);
  if (open.length === 0) return;
  for (const { begunBy } of open) {
    process.emitWarning(`An async generator was still open at the end of run(), and is closed now. It was begun by ${begunBy}. Drive it by for await, or end it by await generator.return().`, { code: "OFFLOOP_OPEN_GENERATOR" });
  }
  const report = (message: string, error: unknown): void => loop.callExceptionHandler({ message, error });
  const ends = await loop.runUntilComplete(() => gather(open.map(({ generator }) => () => generator.return(undefined).then(({ done }) => done, (error: unknown) => ({ error }))), { returnExceptions: true }));
  for (const end of ends) {
    if (end === false) report("An async generator yielded in its finally block while run() closed it. Yield nothing there.", undefined);
    else if (typeof end === "object" && "error" in end) report("An async generator threw while run() closed it. Handle the error in its finally block.", end.error);
  }
}
