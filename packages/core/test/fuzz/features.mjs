// The kinds of op that programs are made of, beyond those that are always there: tasks, futures,
// sleeps, cancels, callbacks and try blocks. Those that this build of the loop has no class for are left out.
import * as core from "@offloop/core";

const CLASSES = { lock: "Lock", semaphore: "Semaphore", event: "Event", condition: "Condition", barrier: "Barrier", queue: "Queue" };

export const ALL_FEATURES = ["gather", "timeout", "donecb", "who", "tasks", "eager", "wait", "waitfor", "shield", "completed", "group", ...Object.keys(CLASSES)];
export const FEATURES = ALL_FEATURES.filter((each) => !(each in CLASSES) || CLASSES[each] in core);
