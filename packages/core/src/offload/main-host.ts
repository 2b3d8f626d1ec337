// The loop as the host of the way back: functions that workers request run on this thread's loop.
import type { MainHost } from "@offloop/workers/executor";
import type { EventLoop } from "../loop/host.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { runInStrand } from "../loop/strand.js";
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
};

/** The caller's task and its loop may have ended. */
function loopThatRuns(): EventLoop {
  return runInStrand(undefined, getRunningLoop);
}
