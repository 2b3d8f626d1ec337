// taskGroup(): tasks that end together. The first failure cancels the other tasks and the group's body. taskGroup()
// returns when all of them have ended, so no task outlives its group.
import { inspectAs, messageOf } from "@offloop/workers/executor";
import { isCancelledError } from "../errors.js";
import { Follower } from "../future/follower.js";
import type { Future } from "../future/future.js";
import { orReject } from "../future/or-reject.js";
import { checkBody } from "./check-body.js";
import { InnerStrand, inTask } from "./inner-strand.js";
import { startTask, type Task, type TaskBody, type TaskOptions } from "./task.js";

/** The groups of each task that have not ended. */
const openGroups = new WeakMap<Task<unknown>, Set<TaskGroup>>();

/**
 * Runs `body`, which starts tasks by `group.createTask`, and waits for all of them.
 *
 * The first failure cancels the other tasks and the body's waits. If the waiting task is cancelled, all tasks of
 * the group are cancelled. `group.cancel()` ends the group early, without an error.
 * @returns what the body returns; `undefined` if `group.cancel()` ended the body
 * @throws AggregateError with the errors of the tasks, and of the body, other than `CancelledError`
 * @see https://docs.python.org/3/library/asyncio-task.html#task-groups
 */
export function taskGroup<T>(body: (group: TaskGroup) => T | PromiseLike<T>): Promise<Awaited<T>> {
  return orReject(() => {
    checkBody("taskGroup()", body, "taskGroup(async (group) => { … })");
    return new TaskGroup().run(body) as Promise<Awaited<T>>;
  });
}

/**
 * Tasks that end together: the argument of the body of `taskGroup`. `new TaskGroup()` makes a group that is entered
 * later, by `run`, so that other code can cancel it before.
 * @example
 * const group = new TaskGroup();
 * process.once("SIGHUP", () => group.cancel());
 * await group.run(async () => void group.createTask(serve));
 * @see https://docs.python.org/3/library/asyncio-task.html#task-groups
 */
export class TaskGroup {
  static {
    inspectAs<TaskGroup>(this.prototype, (group) => `TaskGroup [${group.#describeState()}, tasks: ${group.#tasks.size}]`);
  }

  /** The part of the parent's code in which the group is entered; `undefined` before. */
  #strand: InnerStrand | undefined;
  readonly #tasks = new Set<Task<unknown>>();
  readonly #errors: unknown[] = [];
  #entered = false;
  #exiting = false;
  #aborting = false;
  #parentCancelRequested = false;
  #allDone: Future<void> | undefined;

  /** Starts a task of the group. @throws Error the group has not been entered, is ending, or has ended */
  createTask<T>(body: TaskBody<T>, options?: TaskOptions): Task<Awaited<T>> {
    if (this.#strand === undefined) throw new Error("The task group has not been entered. Call createTask() in the body of its run().");
    if (this.#hasEnded) throw new Error("The task group has ended and starts no more tasks. Call createTask() while its body or one of its tasks runs.");
    if (this.#aborting) throw new Error("The task group is shutting down, because one of its tasks failed or it was cancelled, and starts no more tasks. Start the task in another group.");
    const task = startTask("createTask()", body, options, this.#strand.task.loop);
    this.#tasks.add(task as Task<unknown>);
    task.whenDone(() => this.#taskDone(task as Task<unknown>));
    return task;
  }

  /**
   * Ends the group early: its tasks and the waits of its body are cancelled, and `run` throws no `CancelledError` for
   * it. Before `run`, the body is cancelled at its first wait. A group that has ended is not affected.
   * @see https://docs.python.org/3.15/library/asyncio-task.html#asyncio.TaskGroup.cancel
   */
  cancel(): void {
    if (this.#hasEnded) return;
    if (!this.#aborting) this.#abort();
    this.#cancelParent();
  }

  /**
   * Enters the group, once: runs `body`, and waits for all tasks, as `taskGroup` does.
   * @returns what the body returns; `undefined` if `cancel` ended it
   * @throws AggregateError as `taskGroup`; Error the group has been entered already
   */
  run<T>(body: (group: TaskGroup) => T | PromiseLike<T>): Promise<Awaited<T> | undefined> {
    return orReject(() => {
      checkBody("TaskGroup.run()", body, "group.run(async () => { … })");
      if (this.#entered) throw new Error("The task group has been entered already. Make a new one for each run().");
      this.#entered = true;
      return inTask("taskGroup", (strand) => this.#enclose(new InnerStrand(strand), body));
    });
  }

  /** The tasks of the groups that `parent` has entered and not left. @internal */
  static *tasksWithin(parent: Task<unknown>): Generator<Task<unknown>> {
    for (const group of openGroups.get(parent) ?? []) yield* group.#tasks;
  }

  get #hasEnded(): boolean {
    return this.#exiting && this.#tasks.size === 0;
  }

  #describeState(): string {
    if (this.#hasEnded) return "ended";
    return this.#aborting ? "shutting down" : !this.#entered ? "not entered" : "active";
  }

  async #enclose<T>(strand: InnerStrand, body: (group: TaskGroup) => T | PromiseLike<T>): Promise<Awaited<T> | undefined> {
    const parent = strand.task;
    const siblings = openGroups.get(parent) ?? new Set();
    openGroups.set(parent, siblings.add(this));
    this.#strand = strand;
    if (this.#aborting) this.#cancelParent();
    let failed = false;
    let error: unknown;
    let result: Awaited<T> | undefined;
    try {
      result = await strand.run(async () => await body(this));
    } catch (thrown) {
      failed = true;
      error = parent.asCancelled(thrown) ?? thrown;
    }
    try {
      await strand.run(() => this.#exit(strand, failed, error));
    } finally {
      siblings.delete(this);
    }
    return result;
  }

  async #exit(strand: InnerStrand, failed: boolean, error: unknown): Promise<void> {
    const parent = strand.task;
    this.#exiting = true;
    let toPropagate = failed && isCancelledError(error) ? error : undefined;
    if (failed && !this.#aborting) this.#abort();
    while (this.#tasks.size > 0) {
      this.#allDone ??= new Follower<void>(this.#tasks, parent.loop);
      try {
        await this.#waitForAll(strand, this.#allDone);
      } catch (thrown) {
        if (!isCancelledError(thrown)) throw thrown;
        if (!this.#aborting) {
          toPropagate = thrown;
          this.#abort();
        }
      }
      this.#allDone = undefined;
    }
    const left = this.#parentCancelRequested ? parent.uncancel() : undefined;
    strand.leave();
    if (left === 0) toPropagate = undefined;
    if (toPropagate !== undefined && this.#errors.length === 0) throw toPropagate;
    if (failed && !isCancelledError(error)) this.#errors.push(error);
    if (this.#errors.length === 0) return;
    if (parent.cancelling() > 0) {
      parent.uncancel();
      parent.cancel();
    }
    throw new AggregateError(this.#errors, `Errors in a task group (\`errors\` has each of them): ${this.#errors.map(messageOf).join("; ")}`);
  }

  /** Waits until all tasks have ended. After the tasks have been cancelled, a cancel scope around the group cancels this wait no more, so it does not spin. */
  #waitForAll(strand: InnerStrand, allDone: Future<void>): Promise<void> {
    if (!this.#aborting) return allDone;
    return new Insulated(strand).run(async () => await allDone);
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
    const parent = this.#strand!.task;
    if (parent.done()) {
      const message = `${task.getName()} failed, but the task of its group, ${parent.getName()}, has ended already`;
      return parent.loop.callExceptionHandler({ message, error, task });
    }
    if (this.#aborting || this.#parentCancelRequested) return;
    this.#abort();
    this.#cancelParent();
  }

  /** Cancels the body, or the wait for the tasks, once. The exit takes the request back. */
  #cancelParent(): void {
    if (this.#strand === undefined || this.#parentCancelRequested) return;
    this.#parentCancelRequested = true;
    this.#strand.cancel();
  }
}

class Insulated extends InnerStrand {
  readonly shield = true;
}
