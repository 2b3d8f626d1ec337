// InnerStrand: a part of a task that is cancelled separately, such as the body of a timeout or a group.
import { currentStrand, runInStrand, type Strand } from "../loop/strand.js";
import { createTask, type Task } from "./task.js";

/** A strand inside a task. It belongs to the task of its parent. */
export class InnerStrand implements Strand {
  readonly parent: Strand;
  readonly task: Task<unknown>;

  constructor(parent: Strand) {
    this.parent = parent;
    this.task = parent.task as Task<unknown>;
  }

  /** Runs `body` within the strand. */
  run<T>(body: () => T): T {
    return runInStrand(this, body);
  }

  /** Requests the cancellation of the waits within the strand. Call it once; `task.uncancel()` takes it back. */
  cancel(message?: unknown): void {
    this.task.cancelWithin(this, message);
  }

  leave(): void {
    this.task.leaveStrand(this);
  }
}

/** Runs `body` in the current strand. Outside a task, it runs in a new task. */
export function inTask<T>(name: string, body: (strand: Strand) => Promise<T>): Promise<T> {
  const strand = currentStrand();
  if (strand !== undefined && !strand.task.done()) return body(strand);
  return createTask(() => body(currentStrand()!), { name }) as Promise<T>;
}
