// The tasks by name.
import { grind, identity, increment, item, items, pause, sizeOf, untilCancelled } from "./tasks.js";

export const tasks = { increment, grind, item, items, identity, sizeOf, pause, untilCancelled };

export type TaskName = keyof typeof tasks;

/** One that is called without knowing which. */
export type AnyTask = (argument: unknown) => unknown;

export function taskNamed(name: TaskName): AnyTask {
  return tasks[name] as AnyTask;
}
