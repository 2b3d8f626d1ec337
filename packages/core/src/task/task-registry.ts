// Sets of tasks for each loop. The references are strong, so that the garbage collector does not collect a task that
// only a promise refers to.
import type { LoopHost } from "../loop/host.js";
import type { StrandTask } from "../loop/strand.js";

/** A set of tasks for each loop. */
export class TasksByLoop {
  readonly #tasks = new WeakMap<LoopHost, Set<StrandTask>>();
  #loops: WeakRef<LoopHost>[] = [];

  add(task: StrandTask): void {
    let ofLoop = this.#tasks.get(task.loop);
    if (ofLoop === undefined) this.#tasks.set(task.loop, (ofLoop = this.#newLoop(task.loop)));
    ofLoop.add(task);
  }

  /** The loops that have had tasks, except those that were collected. */
  get loops(): LoopHost[] {
    return this.#loops.map((loop) => loop.deref()).filter((loop) => loop !== undefined);
  }

  #newLoop(loop: LoopHost): Set<StrandTask> {
    this.#loops = [...this.loops, loop].map((each) => new WeakRef(each));
    return new Set();
  }

  delete(task: StrandTask): void {
    this.#tasks.get(task.loop)?.delete(task);
  }

  /** @returns a copy, oldest first */
  of(loop: LoopHost): Set<StrandTask> {
    return new Set(this.#tasks.get(loop));
  }
}

/** The tasks that are not done. */
export const pendingTasks = new TasksByLoop();
