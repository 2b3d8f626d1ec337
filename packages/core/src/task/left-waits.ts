// Waits that outlive their task, because an `await` was forgotten: `save();` in place of `await save();`. Debug mode warns
// of them when the task ends. At its end, run() cancels them, so that `finally` blocks run.
import { isFuture } from "../future/future.js";
import { framesOfUsers } from "../loop/own-frames.js";
import type { StrandTask, Wait } from "../loop/strand.js";
import { TasksByLoop } from "./task-registry.js";

/** The tasks that have ended and have waits. */
export const tasksWithWaits = new TasksByLoop();

/** A task has ended, and these of its waits have not. */
export function leaveWaits(task: StrandTask, waits: Iterable<Wait>): void {
  const pending = [...waits].filter(({ source }) => isFuture(source) && !source.done());
  if (pending.length > 0) tasksWithWaits.add(task);
  if (!task.loop.debug) return;
  for (const wait of pending) {
    const frame = framesOfUsers(wait)[0];
    const where = frame === undefined ? "" : ` ${frame.trim()}`;
    process.emitWarning(`${task.getName()} ended, and code that it started still waits${where}. Await that code, or start it by createTask() or a task group: run() cancels what is left at its end.`, { code: "OFFLOOP_FORGOTTEN_AWAIT" });
  }
}
