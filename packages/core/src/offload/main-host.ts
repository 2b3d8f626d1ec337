// The loop as the host of executors: functions that workers request run on this thread's loop, and its tasks can be
// cancelled where they await a call.
import type { MainHost } from "@offloop/workers/executor";
import { followCall } from "../future/wrap-future.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { currentStrand, runOutsideTasks, type StrandTask } from "../loop/strand.js";
import { createTask } from "../task/task.js";

/** The host of a thread that has a loop. */
export const loopAsHost: MainHost = {
  /** Runs the function as a task, which can be cancelled at its awaits. */
  run(name, fn) {
    const loop = getRunningLoop();
    // The requesting call holds a virtual clock. Time must pass for the function that it waits for.
    const takeBack = loop.lendTime();
    const outcome = runOutsideTasks(() => createTask(fn, { name, loop }));
    outcome.whenDone(takeBack);
    return { outcome, cancel: (reason) => void outcome.cancel(reason) };
  },
  schedule(fn) {
    getRunningLoop().callSoon(fn);
  },
  outsideTasks: (fn) => runOutsideTasks(fn),
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
