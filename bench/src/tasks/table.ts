// The tasks by name.
import { block, grind, identity, increment, item, items, pause, sizeOf, toTheEnd, untilCancelled } from "./tasks.js";

export const tasks = { increment, grind, item, items, identity, sizeOf, pause, block, untilCancelled, toTheEnd };

export type TaskName = keyof typeof tasks;

/** A task of any of these types. */
export type AnyTask = (argument: unknown) => unknown;

export function taskNamed(name: TaskName): AnyTask {
  return tasks[name] as AnyTask;
}
