// run(): the main entry of a program of tasks.
import { shutdownDefaultExecutor } from "./offload/default-executor.js";
import { createTask, currentTask } from "./task/task.js";

/**
 * Runs `main` as a task, and shuts down the default executor when it ends.
 * @returns what `main` returns
 * @throws Error inside a task: use `await` there
 * @see https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
 */
export async function run<T>(main: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  if (currentTask() !== undefined) throw new Error("run() was called inside a task. Await the function itself, or createTask(() => fn()).");
  try {
    return await createTask(main, { name: "main" });
  } finally {
    await shutdownDefaultExecutor();
  }
}
