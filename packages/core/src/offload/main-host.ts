// The loop as the host of executors: functions that workers request run on this thread's loop, and its tasks can be
// cancelled where they await a call.
import type { MainHost } from "@offloop/workers/executor";
import { followCall } from "../future/wrap-future.js";
import type { EventLoop } from "../loop/host.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { currentStrand, runInStrand, type StrandTask } from "../loop/strand.js";
import { createTask } from "../task/task.js";

export const loopAsHost: MainHost = {
  /** Runs the function as a task, which can be cancelled at its awaits. */
  run(name, fn) {
    const loop = loopThatRuns();
    // The requesting call holds a virtual clock. Time must pass for the function that it waits for.
    const takeBack = loop.lendTime();
    const outcome = runInStrand(undefined, () => createTask(fn, { name, loop }));
    outcome.whenDone(takeBack);
    return { outcome, cancel: (reason) => void outcome.cancel(reason) };
  },
  schedule(fn) {
    loopThatRuns().callSoon(fn);
  },
  outsideTasks: (fn) => runInStrand(undefined, fn),
  inTask: () => runningTask() !== undefined,
  follow(call) {
    const task = runningTask();
    return task === undefined ? undefined : followCall(call, task.loop);
  },
};

function runningTask(): StrandTask | undefined {
  const task = currentStrand()?.task;
  return task === undefined || task.done() ? undefined : task;
}

/** The caller's task and its loop may have ended. */
function loopThatRuns(): EventLoop {
  return runInStrand(undefined, getRunningLoop);
}
