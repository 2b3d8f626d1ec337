// run() and Runner start a program of tasks. They create a loop and run `main` on it. At the end they cancel and await
// every task, shut down the default executor, and close the loop.
import { callback, checkOptions, flag, instanceOf, invalidArgument, type OptionTable } from "@offloop/workers/executor";
import { CancelledError } from "./errors.js";
import type { EventLoop } from "./event-loop.js";
import { nextTick } from "./loop/real-time.js";
import { checkNoneRuns, newEventLoop } from "./loop/running-loop.js";
import { shutdownDefaultExecutor } from "./offload/default-executor.js";
import { allTasks } from "./task/all-tasks.js";
import { Context, copyContext } from "./task/context.js";
import { gather } from "./task/gather.js";
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
 * Runs `main` as a task on a new loop, and cleans up when it ends.
 * @returns what `main` returns
 * @throws what `main` throws; Error inside a task, or while another loop of this thread is being run
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

/**
 * Runs several mains one after another on one loop.
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.Runner
 */
export class Runner implements AsyncDisposable {
  readonly #options: Partial<RunOptions>;
  #state: "created" | "initialised" | "closed" = "created";
  #loop: EventLoop | undefined;
  #context: Context | undefined;
  #signal: NodeJS.Signals | undefined;

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
    }
    return this.#loop;
  }

  /** Runs `main` as a task. */
  async run<T>(main: () => T | PromiseLike<T>, options?: RunnerRunOptions): Promise<Awaited<T>> {
    if (typeof main !== "function") throw invalidArgument("run()", "the main function itself", main, "run(main), not run(main())");
    const { context } = checkOptions("Runner.run()", options, runnerRunOptionTypes);
    checkNoneRuns("run()");
    const loop = this.getLoop();
    const task = loop.createTask(main, { name: "main", context: context ?? this.#context });
    const unlisten = this.#listen(task as Task<unknown>);
    try {
      return (await loop.runUntilComplete(task)) as Awaited<T>;
    } finally {
      unlisten();
    }
  }

  /** Cancels and awaits the tasks that are left, shuts down the default executor, and closes the loop. */
  async close(): Promise<void> {
    const loop = this.#loop;
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (loop === undefined) return;
    try {
      await cancelAll(loop);
      await shutdownDefaultExecutor();
    } finally {
      if (!loop.isClosed()) loop.close();
      this.#loop = undefined;
    }
    // A signal that cancelled the main task ends the process after the clean-up, with the signal's exit status.
    if (this.#signal !== undefined) process.kill(process.pid, this.#signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes signals cancel `task`. Keeps cancelled tasks that nothing awaits from ending the process. */
  #listen(task: Task<unknown>): () => void {
    const onRejection = (reason: unknown): void => {
      if (reason instanceof CancelledError) return;
      // Every other rejection has its default effect, unless the program has its own listener.
      if (process.listenerCount("unhandledRejection") === 1) leaveToNode(reason);
    };
    process.on("unhandledRejection", onRejection);
    const signals = (["SIGINT", "SIGTERM"] as const).filter((signal) => process.getBuiltinModule("node:worker_threads").isMainThread && (this.#options.handleSignals ?? true) && process.listenerCount(signal) === 0);
    const stopListening = (): void => signals.forEach((signal) => process.off(signal, onSignal));
    const onSignal = (signal: NodeJS.Signals): void => {
      if (process.listenerCount(signal) > 1) return; // the program has a handler of its own
      if (task.done() || task.cancelling() > 0) {
        stopListening();
        process.kill(process.pid, signal);
        return;
      }
      task.cancel(signal);
      task.whenDone(() => {
        if (task.cancelled()) this.#signal = signal;
      });
    };
    for (const signal of signals) process.on(signal, onSignal);
    return () => {
      stopListening();
      process.off("unhandledRejection", onRejection);
    };
  }
}

async function cancelAll(loop: EventLoop): Promise<void> {
  if (loop.isClosed()) return;
  const tasks = [...allTasks(loop)];
  if (tasks.length === 0) return;
  for (const task of tasks) task.cancel();
  await loop.runUntilComplete(() => gather(tasks, { returnExceptions: true }));
  for (const task of tasks) {
    if (task.rejected()) loop.callExceptionHandler({ message: `${task.getName()} threw while run() cancelled the tasks that were left. Handle the error inside the task.`, error: task.exception(), task });
  }
}

/** Handles a rejection as Node does without a listener. With `warn` and `strict`, Node handles it itself, also if there is a listener. */
function leaveToNode(reason: unknown): void {
  const mode = unhandledRejectionsMode();
  if (mode === "throw") nextTick(() => raise(reason));
  if (mode !== "warn-with-error-code") return;
  process.emitWarning(reason instanceof Error ? (reason.stack ?? String(reason)) : String(reason), "UnhandledPromiseRejectionWarning");
  process.exitCode = 1;
}

/** The value of `--unhandled-rejections`. The command line overrides NODE_OPTIONS, and a later flag overrides an earlier one. */
function unhandledRejectionsMode(): string {
  const options = [process.env["NODE_OPTIONS"] ?? "", ...process.execArgv].join(" ");
  return [...options.matchAll(/--unhandled-rejections[= ]([\w-]+)/g)].at(-1)?.[1] ?? "throw";
}

function raise(reason: unknown): never {
  throw reason;
}

