// Task groups: the first failure cancels the other tasks; the group ends when all tasks have ended.
import { CancelledError, ContextVar, createTask, currentTask, Future, getRunningLoop, sleep, type Task, taskGroup, type TaskGroup, timeout } from "@offloop/core";
import { expect } from "vitest";
import { inLoop, rejection, restates } from "./restates.js";

const its = restates("test_asyncio/test_taskgroups", "TestTaskGroup");

class Boom extends Error {}
const boom = async (): Promise<never> => {
  throw new Boom("boom");
};
/** Sleeps a little, then fails. */
const boomAfter = (delayMs: number) => async (): Promise<never> => {
  await sleep(delayMs);
  throw new Boom("later");
};
const forever = () => sleep(3_600_000);
/** The classes of a group's errors, nested as they are. */
const shape = (error: unknown): unknown => (error instanceof AggregateError ? error.errors.map(shape) : (error as Error).name === "Error" ? (error as Error).constructor.name : (error as Error).name);
const failure = async (work: Promise<unknown>): Promise<unknown> => shape(await rejection(work));

its("taskgroup_01 taskgroup_02", "waits for all of its tasks, also those that its body awaits", inLoop(async () => {
  const tasks: Task<number>[] = [];
  await taskGroup(async (group) => {
    tasks.push(group.createTask(async () => (await sleep(100), 42)), group.createTask(async () => (await sleep(200), 11)));
    if (tasks.length > 2) await tasks[0];
  });
  expect(tasks.map((task) => task.result())).toEqual([42, 11]);
  const inBody = await taskGroup(async (group) => await group.createTask(() => 7));
  expect(inBody).toBe(7);
}));

its("taskgroup_03", "a cancellation of one of its tasks from outside is no failure of the group", inLoop(async () => {
  const tasks: Task<unknown>[] = [];
  await taskGroup(async (group) => {
    tasks.push(group.createTask(forever), group.createTask(async () => (await sleep(100), 11)));
    await sleep(10);
    tasks[0]!.cancel();
  });
  expect([tasks[0]!.cancelled(), tasks[1]!.result()]).toEqual([true, 11]);
}));

its("taskgroup_04", "the first failure cancels the body too, where it waits", inLoop(async () => {
  let slept = false;
  let other: Task<unknown> | undefined;
  expect(await failure(taskGroup(async (group) => {
    group.createTask(boom);
    other = group.createTask(forever);
    await sleep(100);
    slept = true;
  }))).toEqual(["Boom"]);
  expect([slept, other!.cancelled(), currentTask()!.cancelling()]).toEqual([false, true, 0]);
}));

its("cancel_children_on_child_error", "a failure cancels the other tasks, which can clean up", inLoop(async () => {
  const steps: string[] = [];
  let other: Task<unknown> | undefined;
  expect(await failure(taskGroup(async (group) => {
    other = group.createTask(async () => {
      try {
        await forever();
      } finally {
        await sleep(10);
        steps.push("cleaned up");
      }
    });
    group.createTask(boomAfter(1));
  }))).toEqual(["Boom"]);
  expect([steps, other!.cancelled()]).toEqual([["cleaned up"], true]);
}));

const cancelledOutside = async (body: (group: TaskGroup) => Promise<unknown>, after = 50): Promise<{ error: Error; runner: Task<unknown> }> => {
  const runner = createTask(() => taskGroup(body)) as Task<unknown>;
  await sleep(after);
  expect(runner.done()).toBe(false);
  runner.cancel();
  expect(runner.cancelling()).toBe(1);
  return { error: await rejection(runner), runner };
};

its("cancellation taskgroup_08", "a cancellation from outside cancels all of its tasks, and is rethrown", inLoop(async () => {
  const tasks: Task<unknown>[] = [];
  const { error, runner } = await cancelledOutside(async (group) => tasks.push(group.createTask(forever), group.createTask(forever)));
  expect(error).toBeInstanceOf(CancelledError);
  expect([runner.cancelled(), ...tasks.map((task) => task.cancelled())]).toEqual([true, true, true]);
}));

its("taskgroup_07", "cancelling a waiting body also cancels the tasks", inLoop(async () => {
  const tasks: Task<unknown>[] = [];
  const { error } = await cancelledOutside(async (group) => {
    tasks.push(group.createTask(forever));
    await forever();
  });
  expect([error.name, tasks[0]!.cancelled()]).toEqual(["CancelledError", true]);
}));

its("taskgroup_09 taskgroup_10 taskgroup_13", "the error has the errors of the body and of tasks that fail while they are cancelled", inLoop(async () => {
  expect(await failure(taskGroup(async (group) => {
    group.createTask(async () => {
      try {
        await forever();
      } finally {
        throw new RangeError("while cancelled");
      }
    });
    await sleep(1);
    throw new Boom("body");
  }))).toEqual(["RangeError", "Boom"]);
}));

its("taskgroup_11 taskgroup_12", "a cancellation from outside is thrown only if no task has failed", inLoop(async () => {
  const fails = async (): Promise<void> => {
    try {
      await forever();
    } catch {
      throw new Boom("while cancelled");
    }
  };
  const inner = await cancelledOutside(async (group) => {
    await sleep(1);
    group.createTask(() => taskGroup(async (nested) => void nested.createTask(fails)));
  });
  expect(shape(inner.error)).toEqual([["Boom"]]);
}));

its("taskgroup_14", "a cancelled body whose own failure comes first gives both errors", inLoop(async () => {
  const { error } = await cancelledOutside(async (group) => {
    group.createTask(async () => {
      try {
        await forever();
      } catch {
        throw new Boom("task");
      }
    });
    try {
      await forever();
    } catch {
      throw new RangeError("body");
    }
  });
  expect(shape(error)).toEqual(["Boom", "RangeError"]);
}));

its("taskgroup_15 taskgroup_16", "a task that fails while its group is being cancelled turns the cancellation into its error", inLoop(async () => {
  for (const bodyWaits of [false, true]) {
    const { error, runner } = await cancelledOutside(async (group) => {
      group.createTask(async () => {
        try {
          await forever();
        } catch {
          await sleep(10);
          throw new Boom("late");
        }
      });
      if (bodyWaits) await forever();
    });
    expect(shape(error)).toEqual(["Boom"]);
    expect(runner.cancelled()).toBe(false);
  }
}));

its("taskgroup_17 taskgroup_18", "if its body swallows the cancellation, the group ends without one", inLoop(async () => {
  const steps: string[] = [];
  const runner = createTask(() => taskGroup(async (group) => {
    group.createTask(() => sleep(20));
    try {
      await forever();
    } catch (error) {
      steps.push((error as Error).name);
    }
  }));
  await sleep(5);
  runner.cancel();
  await runner;
  expect([steps, runner.cancelled()]).toEqual([["CancelledError"], false]);
}));

its("taskgroup_19 taskgroup_20 taskgroup_20a", "the error has those of the tasks and the body in the order of their occurrence", inLoop(async () => {
  expect(await failure(taskGroup(async (group) => {
    group.createTask(boom);
    try {
      await sleep(100);
    } finally {
      throw new RangeError("body");
    }
  }))).toEqual(["Boom", "RangeError"]);
}));

its("taskgroup_21a", "the error includes a task that fails while the body fails", inLoop(async () => {
  expect(await failure(taskGroup(async (group) => {
    group.createTask(async () => {
      try {
        await forever();
      } catch {
        throw new TypeError("task");
      }
    });
    await sleep(10);
    throw new RangeError("body");
  }))).toEqual(["TypeError", "RangeError"]);
}));

its("taskgroup_22 taskgroup_23", "consecutive groups in one task, one of them cancelled, do not affect each other", inLoop(async () => {
  const order: string[] = [];
  const work = (name: string, delayMs: number) => async (): Promise<void> => {
    await sleep(delayMs);
    order.push(name);
  };
  await taskGroup(async (group) => void group.createTask(work("a", 2)));
  const runner = createTask(() => taskGroup(async (group) => {
    group.createTask(work("never", 3_600_000));
    await sleep(0);
  }));
  await sleep(5);
  runner.cancel();
  await rejection(runner);
  await taskGroup(async (group) => {
    group.createTask(work("c", 2));
    group.createTask(work("b", 1));
  });
  expect(order).toEqual(["a", "b", "c"]);
}));

its("taskgroup_24 taskgroup_25", "its tasks can start further tasks in it", inLoop(async () => {
  const done: number[] = [];
  await taskGroup(async (group) => {
    const spread = (depth: number) => async (): Promise<void> => {
      await sleep(1);
      if (depth > 0) group.createTask(spread(depth - 1));
      done.push(depth);
    };
    group.createTask(spread(3));
  });
  expect(done).toEqual([3, 2, 1, 0]);
}));

its("taskgroup_task_name", "its tasks have the given name", inLoop(async () => {
  await taskGroup(async (group) => expect(group.createTask(() => sleep(0), { name: "yolo" }).getName()).toBe("yolo"));
}));

its("taskgroup_task_context", "its tasks run in a copy of the context, or in the given one", inLoop(async () => {
  const variable = new ContextVar<number>("variable", { default: 1 });
  const seen: number[] = [];
  await taskGroup(async (group) => {
    variable.set(2);
    await group.createTask(() => {
      seen.push(variable.get());
      variable.set(3);
    });
    seen.push(variable.get());
  });
  expect(seen).toEqual([2, 2]);
}));

its("taskgroup_no_create_task_after_failure coro_closed_when_tg_closed", "refuses a new task while it shuts down, and does not run its function", inLoop(async () => {
  let refused: unknown;
  let ran = false;
  expect(await failure(taskGroup(async (group) => {
    group.createTask(boom);
    try {
      await sleep(1);
    } catch (error) {
      expect((error as Error).name).toBe("CancelledError");
      try {
        group.createTask(() => (ran = true));
      } catch (thrown) {
        refused = thrown;
      }
    }
  }))).toEqual(["Boom"]);
  expect(String(refused)).toMatch(/shutting down/);
  expect(ran).toBe(false);
}));

its("taskgroup_finished", "refuses a new task after its end", inLoop(async () => {
  const kept = await taskGroup((group) => group);
  expect(() => kept.createTask(() => 1)).toThrow(/ended/);
}));

its("taskgroup_without_parent_task", "outside a task its body runs in a new task", async () => {
  expect(await taskGroup((group) => [currentTask() !== undefined, group.createTask(() => 1)].length)).toBe(2);
});

its("cancelling_level_preserved", "does not change the count of cancellation requests", inLoop(async () => {
  for (const body of [async () => {}, async (group: TaskGroup) => void group.createTask(boom), async () => await boom(), async (group: TaskGroup) => (group.createTask(boom), await forever())]) {
    await taskGroup(body).catch(() => {});
    expect(currentTask()!.cancelling()).toBe(0);
  }
}));

its("nested_groups_both_cancelled", "a cancellation from outside goes through nested groups", inLoop(async () => {
  const started = new Future<void>();
  const runner = createTask(() => taskGroup(async (outer) => {
    outer.createTask(forever);
    await taskGroup(async (inner) => {
      inner.createTask(forever);
      started.setResult();
    });
  }));
  await started;
  runner.cancel();
  expect((await rejection(runner)).name).toBe("CancelledError");
}));

its("error_and_cancel", "an error during a cancellation from outside is thrown, and the request still counts", inLoop(async () => {
  const waiter = new Future<void>();
  let levels: number[] = [];
  const runner: Task<unknown> = createTask(async () => {
    const error = await rejection(taskGroup(async (group) => {
      group.createTask(async () => {
        try {
          await forever();
        } finally {
          throw new Boom("while cancelled");
        }
      });
      waiter.setResult();
      await forever();
    }));
    levels.push(runner.cancelling());
    levels.push(runner.uncancel());
    return shape(error);
  });
  await waiter;
  await sleep(1);
  runner.cancel();
  expect(await runner).toEqual(["Boom"]);
  expect(levels).toEqual([1, 0]);
}));

its("taskgroup_context_manager_exit_raises", "an error of the body after its tasks have ended is the only one", inLoop(async () => {
  expect(await failure(taskGroup(async (group) => {
    await group.createTask(() => sleep(1));
    throw new Boom("at the end");
  }))).toEqual(["Boom"]);
  expect(getRunningLoop().isRunning()).toBe(true);
}));

restates("test_asyncio/test_timeouts", "TimeoutTests")("timeout_taskgroup", "a timeout around a group cancels its tasks, and their errors are the group's", inLoop(async () => {
  const ends = async (): Promise<void> => {
    try {
      await forever();
    } finally {
      throw new RangeError("while cancelled");
    }
  };
  const error = await rejection(timeout(10, () => taskGroup(async (group) => {
    group.createTask(ends);
    group.createTask(ends);
    await forever();
  })));
  expect(shape(error)).toEqual(["RangeError", "RangeError"]);
}));
