// InnerStrand: a part of a task with an end of its own, as the body of a timeout or a group is.
import { runInStrand, type Strand } from "../loop/strand.js";
import { currentStrand } from "../loop/strand.js";
import type { Task } from "./task.js";
import { createTask } from "./task.js";

export class InnerStrand implements Strand {
  readonly parent: Strand;
  readonly task: Task<unknown>;

  constructor(parent: Strand) {
    this.parent = parent;
    this.task = parent.task as Task<unknown>;
  }

  /** Runs `body` within it. */
  run<T>(body: () => T): T {
    return runInStrand(this, body);
  }

  /** Asks the task to cancel what waits within. Once; take it back with `task.uncancel()`. */
  cancel(message?: unknown): void {
    this.task.cancelWithin(this, message);
  }

  leave(): void {
    this.task.leaveStrand(this);
  }
}

/** Runs `body` in the current strand, or in a task of its own where there is none. */
export function inTask<T>(name: string, body: (strand: Strand) => Promise<T>): Promise<T> {
  const strand = currentStrand();
  if (strand !== undefined && !strand.task.done()) return body(strand);
  return createTask(() => body(currentStrand()!), { name }) as Promise<T>;
}
