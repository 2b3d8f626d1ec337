// waitFor: one awaitable with a timeout.
import { CancelledError, createTask, currentTask, Future, getRunningLoop, shield, sleep, type Task, TimeoutError, waitFor } from "@offloop/core";
import { expect } from "vitest";
import { inLoop, rejection, restates } from "./restates.js";

const its = restates("test_asyncio/test_waitfor", "AsyncioWaitForTest");
const shields = restates("test_asyncio/test_waitfor", "WaitForShieldTests");
const now = () => getRunningLoop().time();

its("asyncio_wait_for_cancelled", "cancelling a task in waitFor cancels the awaitable", inLoop(async () => {
  const inner = createTask(() => sleep(1000));
  const task = createTask(() => waitFor(inner, 500));
  await sleep(0);
  task.cancel();
  expect(await rejection(task)).toBeInstanceOf(CancelledError);
  expect(inner.cancelled()).toBe(true);
}));

its("asyncio_wait_for_timeout", "a time-out cancels the awaitable and throws TimeoutError", inLoop(async () => {
  const inner = createTask(() => sleep(1000));
  expect(await rejection(waitFor(inner, 10))).toBeInstanceOf(TimeoutError);
  expect([inner.cancelled(), now()]).toEqual([true, 10]);
}));

its("wait_for_timeout_less_then_0_or_0_future_done", "zero or less gives the result of a done future", inLoop(async () => {
  const future = new Future<string>();
  future.setResult("done");
  expect(await waitFor(future, 0)).toBe("done");
  expect(await waitFor(future, -1)).toBe("done");
  expect(now()).toBe(0);
}));

its("wait_for_timeout_less_then_0_or_0_coroutine_do_not_started", "zero or less does not start a function", inLoop(async () => {
  for (const limit of [0, -1]) {
    let started = false;
    expect(await rejection(waitFor(() => (started = true), limit))).toBeInstanceOf(TimeoutError);
    expect(started).toBe(false);
  }
}));

its("wait_for_timeout_less_then_0_or_0", "zero or less cancels a pending future", inLoop(async () => {
  for (const limit of [0, -1]) {
    const future = new Future();
    const began = now();
    expect(await rejection(waitFor(future, limit))).toBeInstanceOf(TimeoutError);
    expect([future.cancelled(), now() - began]).toEqual([true, 0]);
  }
}));

its("wait_for wait_for_blocking", "gives a result that is in time; without a timeout it waits without limit", inLoop(async () => {
  expect(await waitFor(() => sleep(100, { result: "done" }), 1000)).toBe("done");
  expect(await waitFor(() => sleep(3_600_000, { result: "late" }), undefined)).toBe("late");
}));

its("wait_for_race_condition", "a result in the pass of the time-out is not lost", inLoop(async () => {
  const future = new Future<string>();
  getRunningLoop().callLater(100, () => future.setResult("ok"));
  expect(await waitFor(future, 200)).toBe("ok");
}));

its("wait_for_cancellation_race_condition", "a result that exists when the cancellation comes is not lost", inLoop(async () => {
  const inner = createTask(async () => {
    try {
      return await sleep(10, { result: "result" });
    } catch {
      return "caught";
    }
  });
  const outer: Task<unknown> = createTask(() => waitFor(inner, 1000));
  await sleep(1);
  outer.cancel();
  expect(await outer).toBe("caught");
}));

its("wait_for_waits_for_task_cancellation", "TimeoutError is thrown after the cancelled awaitable has ended", inLoop(async () => {
  let done = false;
  const inner = createTask(async () => {
    try {
      await sleep(1000);
    } catch (error) {
      await sleep(300);
      throw error;
    } finally {
      done = true;
    }
  });
  const error = await rejection(waitFor(inner, 100));
  expect([error.name, (error.cause as Error).name, done, now()]).toEqual(["TimeoutError", "CancelledError", true, 400]);
}));

its("wait_for_waits_for_task_cancellation_w_timeout_0", "with zero too, TimeoutError is thrown after the cancelled awaitable has ended", inLoop(async () => {
  let done = false;
  const inner = createTask(async () => {
    try {
      await sleep(1000);
    } catch (error) {
      await sleep(20);
      throw error;
    } finally {
      done = true;
    }
  });
  await sleep(1);
  expect(await rejection(waitFor(inner, 0))).toBeInstanceOf(TimeoutError);
  expect(done).toBe(true);
}));

its("wait_for_reraises_exception_during_cancellation", "an error of the cancelled awaitable replaces the time-out", inLoop(async () => {
  const error = new RangeError("clean-up failed");
  const inner = createTask(async () => {
    try {
      await sleep(1000);
    } finally {
      throw error;
    }
  });
  expect(await rejection(waitFor(inner, 10))).toBe(error);
}));

its("cancel_blocking_wait_for cancel_wait_for", "a task in waitFor can be cancelled, with and without a timeout", inLoop(async () => {
  for (const limit of [undefined, 1000]) {
    const inner = createTask(() => sleep(10_000));
    const task = createTask(() => waitFor(inner, limit));
    await sleep(1);
    task.cancel();
    expect((await rejection(task)).name).toBe("CancelledError");
    expect([task.cancelled(), inner.cancelled()]).toEqual([true, true]);
  }
}));

its("wait_for_cancel_suppressed", "an awaitable that returns in spite of the cancellation gives its result", inLoop(async () => {
  const suppresses = async (): Promise<string> => {
    try {
      await sleep(1000);
    } catch {
      return "suppressed";
    }
    return "slept";
  };
  const inner = createTask(suppresses);
  const waiting = createTask(() => waitFor(inner, 100));
  await sleep(1);
  waiting.cancel();
  expect(await waiting).toBe("suppressed");
  expect(currentTask()!.cancelling()).toBe(0);
}));

its("wait_for_issue86296", "a time-out leaves no cancellation request on the calling task", inLoop(async () => {
  const task: Task<unknown> = createTask(async () => {
    const error = await rejection(waitFor(() => sleep(1000), 1));
    return [error.name, task.cancelling()];
  });
  expect(await task).toEqual(["TimeoutError", 0]);
}));

shields("zero_timeout", "a shielded task outlives a timeout of zero or less", inLoop(async () => {
  for (const limit of [0, -1]) {
    const inner = createTask(() => sleep(10, { result: "done" }));
    const shielded = shield(inner);
    expect(await rejection(waitFor(shielded, limit))).toBeInstanceOf(TimeoutError);
    expect([shielded.cancelled(), inner.done()]).toEqual([true, false]);
    expect(await inner).toBe("done");
  }
}));

shields("none_timeout", "a shielded task outlives the task that waited for it", inLoop(async () => {
  const inner = createTask(() => sleep(100, { result: "done" }));
  const waiting = createTask(() => waitFor(shield(inner), undefined));
  await sleep(10);
  waiting.cancel();
  expect((await rejection(waiting)).name).toBe("CancelledError");
  expect(await inner).toBe("done");
}));

shields("shielded_timeout", "a shielded task outlives a time-out", inLoop(async () => {
  const inner = createTask(() => sleep(100, { result: "done" }));
  expect(await rejection(waitFor(shield(inner), 10))).toBeInstanceOf(TimeoutError);
  expect(await inner).toBe("done");
}));
