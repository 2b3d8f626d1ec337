// taskGroup(): tasks that end together. The first failure cancels the other tasks and the group's body. taskGroup()
// returns when all of them have ended, so no task outlives its group.
import { inspectAs, messageOf } from "@offloop/workers/executor";
import { isCancelledError } from "../errors.js";
import { Future } from "../future/future.js";
import { orReject } from "../future/or-reject.js";
import type { Strand } from "../loop/strand.js";
import { checkBody } from "./check-body.js";
import { InnerStrand, inTask } from "./inner-strand.js";
import { startTask, type Task, type TaskBody, type TaskOptions } from "./task.js";

/** The argument of the body of `taskGroup`. */
export interface TaskGroup {
  /** Starts a task of the group. @throws Error the group is ending, or has ended */
  createTask<T>(body: TaskBody<T>, options?: TaskOptions): Task<Awaited<T>>;
}

/**
 * Runs `body`, which starts tasks by `group.createTask`, and waits for all of them.
 *
 * The first failure cancels the other tasks and the body's waits. If the waiting task is cancelled, all tasks of
 * the group are cancelled.
 * @returns what the body returns
 * @throws AggregateError with the errors of the tasks, and of the body, other than `CancelledError`
 * @see https://docs.python.org/3/library/asyncio-task.html#task-groups
 */
export function taskGroup<T>(body: (group: TaskGroup) => T | PromiseLike<T>): Promise<Awaited<T>> {
  return orReject(() => {
    checkBody("taskGroup()", body, "taskGroup(async (group) => { … })");
    return inTask("taskGroup", (strand) => new Group(strand).enclose(body));
  });
}

class Group implements TaskGroup {
  static {
    inspectAs<Group>(this.prototype, (group) => `TaskGroup [${group.#exiting && group.#tasks.size === 0 ? "ended" : group.#aborting ? "shutting down" : "active"}, tasks: ${group.#tasks.size}]`);
  }

  readonly #strand: InnerStrand;
  readonly #parent: Task<unknown>;
  readonly #tasks = new Set<Task<unknown>>();
  readonly #errors: unknown[] = [];
  #exiting = false;
  #aborting = false;
  #parentCancelRequested = false;
  #allDone: Future<void> | undefined;

  constructor(parent: Strand) {
    this.#strand = new InnerStrand(parent);
    this.#parent = this.#strand.task;
  }

  createTask<T>(body: TaskBody<T>, options?: TaskOptions): Task<Awaited<T>> {
    if (this.#exiting && this.#tasks.size === 0) throw new Error("The task group has ended and starts no more tasks. Call createTask() while its body or one of its tasks runs.");
    if (this.#aborting) throw new Error("The task group is shutting down, because one of its tasks failed or it was cancelled, and starts no more tasks. Start the task in another group.");
    const task = startTask("createTask()", body, options, this.#parent.loop);
    this.#tasks.add(task as Task<unknown>);
    task.whenDone(() => this.#taskDone(task as Task<unknown>));
    return task;
  }

  async enclose<T>(body: (group: TaskGroup) => T | PromiseLike<T>): Promise<Awaited<T>> {
    let failed = false;
    let error: unknown;
    let result: Awaited<T> | undefined;
    try {
      result = await this.#strand.run(async () => await body(this));
    } catch (thrown) {
      failed = true;
      error = this.#parent.asCancelled(thrown) ?? thrown;
    }
    await this.#strand.run(() => this.#exit(failed, error));
    return result as Awaited<T>;
  }

  async #exit(failed: boolean, error: unknown): Promise<void> {
    this.#exiting = true;
    let toPropagate = failed && isCancelledError(error) ? error : undefined;
    if (failed && !this.#aborting) this.#abort();
    while (this.#tasks.size > 0) {
      this.#allDone ??= new Future<void>({ loop: this.#parent.loop });
      try {
        await this.#waitForAll(this.#allDone);
      } catch (thrown) {
        if (!isCancelledError(thrown)) throw thrown;
        if (!this.#aborting) {
          toPropagate = thrown;
          this.#abort();
        }
      }
      this.#allDone = undefined;
    }
    const left = this.#parentCancelRequested ? this.#parent.uncancel() : undefined;
    this.#strand.leave();
    if (left === 0) toPropagate = undefined;
    if (toPropagate !== undefined && this.#errors.length === 0) throw toPropagate;
    if (failed && !isCancelledError(error)) this.#errors.push(error);
    if (this.#errors.length === 0) return;
    if (this.#parent.cancelling() > 0) {
      this.#parent.uncancel();
      this.#parent.cancel();
    }
    throw new AggregateError(this.#errors, `Errors in a task group (\`errors\` has each of them): ${this.#errors.map(messageOf).join("; ")}`);
  }

  /** Waits until all tasks have ended. After the tasks have been cancelled, a cancel scope around the group cancels this wait no more, so it does not spin. */
  #waitForAll(allDone: Future<void>): Promise<void> {
    if (!this.#aborting) return allDone;
    return new Insulated(this.#strand).run(async () => await allDone);
  }

  #abort(): void {
    this.#aborting = true;
    for (const task of this.#tasks) if (!task.done()) task.cancel();
  }

  #taskDone(task: Task<unknown>): void {
    this.#tasks.delete(task);
    if (this.#tasks.size === 0 && this.#allDone?.done() === false) this.#allDone.setResult();
    if (!task.rejected()) return;
    const error = task.exception();
    this.#errors.push(error);
    if (this.#parent.done()) {
      const message = `${task.getName()} failed, but the task of its group, ${this.#parent.getName()}, has ended already`;
      return this.#parent.loop.callExceptionHandler({ message, error, task });
    }
    if (this.#aborting || this.#parentCancelRequested) return;
    this.#abort();
    this.#parentCancelRequested = true;
    this.#strand.cancel();
  }
}

class Insulated extends InnerStrand {
  readonly shield = true;
}
