// The loop as the host of the way back: what a worker has run on this thread runs on its loop.
import type { MainHost } from "@offloop/workers/executor";
import type { EventLoop } from "../loop/host.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { runInStrand } from "../loop/strand.js";
import { createTask } from "../task/task.js";

export const loopAsHost: MainHost = {
  /** As a task: it can be cancelled where it waits. */
  run(name, fn) {
    const loop = loopThatRuns();
    // The call that asks holds a virtual clock; what it waits for here must not stand still with it.
    const takeBack = loop.lendTime();
    const outcome = runInStrand(undefined, () => createTask(fn, { name, loop }));
    outcome.whenDone(takeBack);
    return { outcome, cancel: (reason) => void outcome.cancel(reason) };
  },
  schedule(fn) {
    loopThatRuns().callSoon(fn);
  },
};

/** Messages come in the context of whoever made the worker: that task, and its loop, may have ended. */
function loopThatRuns(): EventLoop {
  return runInStrand(undefined, getRunningLoop);
}
