// Timeouts: a deadline around a part of a task; which cancellation was its own; moving it.
import { CancelledError, createTask, currentTask, getRunningLoop, sleep, type Task, timeout, type Timeout, timeoutAt, TimeoutError } from "@offloop/core";
import { expect } from "vitest";
import { inLoop, rejection, restates } from "./restates.js";

const its = restates("test_asyncio/test_timeouts", "TimeoutTests");
const now = () => getRunningLoop().time();
const forever = () => sleep(3_600_000);

its("timeout_basic timeout_at_basic", "throws TimeoutError after its time", inLoop(async () => {
  for (const start of [(body: (scope: Timeout) => unknown) => timeout(10, body), (body: (scope: Timeout) => unknown) => timeoutAt(now() + 10, body)]) {
    const began = now();
    let scope: Timeout | undefined;
    const error = await rejection(start(async (entered) => {
      scope = entered;
      await forever();
    }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect([scope!.expired(), scope!.when(), now() - began]).toEqual([true, began + 10, 10]);
  }
}));

its("nested_timeouts", "a time-out of the inner one does not end the outer one", inLoop(async () => {
  let inner: Timeout | undefined;
  const outer = await timeout(100, async (scope) => {
    const error = await rejection(timeout(10, async (entered) => {
      inner = entered;
      await forever();
    }));
    expect(error).toBeInstanceOf(TimeoutError);
    return scope;
  });
  expect([inner!.expired(), outer.expired()]).toEqual([true, false]);
}));

its("waiter_cancelled", "the wait of the body is cancelled, and can clean up", inLoop(async () => {
  const steps: string[] = [];
  await rejection(timeout(10, async () => {
    try {
      await forever();
    } catch (error) {
      steps.push((error as Error).name);
      throw error;
    }
  }));
  expect(steps).toEqual(["CancelledError"]);
}));

its("timeout_not_called", "a body that is in time gives its result", inLoop(async () => {
  expect(await timeout(100, async (scope) => [await sleep(10, { result: "in time" }), scope.expired()])).toEqual(["in time", false]);
  expect(now()).toBe(10);
}));

its("timeout_disabled timeout_at_disabled", "with undefined it has no deadline", inLoop(async () => {
  for (const start of [timeout, timeoutAt]) {
    const scope = await start(undefined, async (entered) => {
      expect(entered.when()).toBeUndefined();
      await sleep(1000);
      return entered;
    });
    expect(scope.expired()).toBe(false);
  }
}));

its("timeout_zero", "zero ends a waiting body", inLoop(async () => {
  const began = now();
  expect(await rejection(timeout(0, forever))).toBeInstanceOf(TimeoutError);
  expect(now()).toBe(began);
}));

its("timeout_zero_sleep_zero timeout_in_the_past_sleep_zero", "zero, and a time in the past, end a body at its first pause", inLoop(async () => {
  expect(await rejection(timeout(0, () => sleep(0)))).toBeInstanceOf(TimeoutError);
  expect(await rejection(timeoutAt(now() - 11, () => sleep(0)))).toBeInstanceOf(TimeoutError);
}));

its("foreign_exception_passed", "an error of the body is rethrown unchanged", inLoop(async () => {
  const error = new RangeError("own");
  expect(await rejection(timeout(10, () => Promise.reject(error)))).toBe(error);
}));

its("timeout_exception_context", "its error has the cancellation as its cause", inLoop(async () => {
  const error = await rejection(timeout(1, forever));
  expect(error.cause).toBeInstanceOf(CancelledError);
}));

its("foreign_exception_on_timeout foreign_exception_on_timeout_2", "an error that the body throws while it is cancelled replaces the time-out", inLoop(async () => {
  const error = new RangeError("in the finally");
  let scope: Timeout | undefined;
  expect(await rejection(timeout(1, async (entered) => {
    scope = entered;
    try {
      await forever();
    } finally {
      throw error;
    }
  }))).toBe(error);
  expect(scope!.expired()).toBe(true);
  expect(currentTask()!.cancelling()).toBe(0);
}));

its("foreign_cancel_doesnt_timeout_if_not_expired", "a cancellation from outside is not turned into a TimeoutError", inLoop(async () => {
  const error = await rejection(createTask(() => timeout(1000, async () => {
    currentTask()!.cancel();
    await sleep(1);
  })));
  expect(error).toBeInstanceOf(CancelledError);
}));

its("outer_task_is_not_cancelled", "a task is not cancelled by a time-out within it", inLoop(async () => {
  const task: Task<unknown> = createTask(async () => {
    const error = await rejection(timeout(1, forever));
    return [error.name, currentTask()!.cancelling()];
  });
  expect(await task).toEqual(["TimeoutError", 0]);
  expect(task.cancelled()).toBe(false);
}));

its("nested_timeouts_concurrent nested_timeouts_loop_busy", "if two time out in one pass, the outer one throws, and both are expired", inLoop(async () => {
  let inner: Timeout | undefined;
  let outer: Timeout | undefined;
  const error = await rejection(timeout(10, async (scope) => {
    outer = scope;
    await timeout(10, async (nested) => {
      inner = nested;
      await forever();
    });
  }));
  expect(error).toBeInstanceOf(TimeoutError);
  expect([outer!.expired(), inner!.expired(), currentTask()!.cancelling()]).toEqual([true, true, 0]);
}));

its("reschedule", "its deadline can be moved and removed", inLoop(async () => {
  const began = now();
  await timeoutAt(began + 10, async (scope) => {
    scope.reschedule(began + 100);
    expect(scope.when()).toBe(began + 100);
    await sleep(50);
    scope.reschedule(undefined);
    expect(scope.when()).toBeUndefined();
    await sleep(1000);
  });
  const error = await rejection(timeout(undefined, async (scope) => {
    scope.reschedule(now() + 5);
    await forever();
  }));
  expect(error).toBeInstanceOf(TimeoutError);
}));

its("nested_timeout_in_finally", "a timeout within the clean-up of another has its own deadline", inLoop(async () => {
  const steps: string[] = [];
  const error = await rejection(timeout(10, async () => {
    try {
      await forever();
    } finally {
      steps.push((await rejection(timeout(20, forever))).name);
    }
  }));
  expect([error.name, steps]).toEqual(["TimeoutError", ["TimeoutError"]]);
}));

its("timeout_after_cancellation", "after a caught cancellation, a timeout still recognises its own", inLoop(async () => {
  const task: Task<unknown> = createTask(async () => {
    try {
      await forever();
    } catch {
      expect((await rejection(timeout(5, forever))).name).toBe("TimeoutError");
    }
    return task.cancelling();
  });
  await sleep(0);
  task.cancel();
  expect(await task).toBe(1);
}));

its("cancel_in_timeout_after_cancellation", "a second cancellation inside a timeout stays a cancellation", inLoop(async () => {
  const task: Task<unknown> = createTask(async () => {
    try {
      await forever();
    } catch {
      return (await rejection(timeout(10, async () => {
        currentTask()!.cancel();
        await forever();
      }))).name;
    }
  });
  await sleep(0);
  task.cancel();
  expect(await task).toBe("CancelledError");
}));

its("timeout_finished timeout_expired", "its deadline cannot be moved after its end", inLoop(async () => {
  const finished = await timeout(10, (scope) => scope);
  expect(() => finished.reschedule(now() + 1)).toThrow(/exited/);
  let expired: Timeout | undefined;
  await rejection(timeout(1, async (scope) => {
    expired = scope;
    await forever();
  }));
  expect(() => expired!.reschedule(now() + 1)).toThrow(/expired/);
}));

its("timeout_expiring", "its deadline cannot be moved while it cancels its body", inLoop(async () => {
  let message = "";
  await rejection(timeout(1, async (scope) => {
    try {
      await forever();
    } catch (error) {
      try {
        scope.reschedule(now() + 10);
      } catch (refused) {
        message = (refused as Error).message;
      }
      throw error;
    }
  }));
  expect(message).toMatch(/expiring/);
}));

its("timeout_without_task", "outside a task its body runs in a new task", async () => {
  expect(await timeout(60_000, () => currentTask() !== undefined)).toBe(true);
});

