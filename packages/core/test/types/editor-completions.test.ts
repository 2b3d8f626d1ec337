// What an editor offers after `task.` and its like: the public members of each object, and nothing else.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TypeService, typeService, versions } from "../../../../test/type-service.js";

const folder = fileURLToPath(new URL("../..", import.meta.url));

const ofFuture = ["addDoneCallback", "cancel", "cancelled", "catch", "done", "exception", "finally", "getLoop", "rejected", "removeDoneCallback", "result", "setException", "setResult", "state", "then"];
const ofQueue = ["empty", "full", "get", "getNowait", "join", "maxsize", "put", "putNowait", "qsize", "shutdown", "taskDone", "toString"];
const ofSemaphore = ["acquire", "hold", "locked", "release", "toString", "value"];
const ofLoop = [
  "addSignalHandler", "awaitBudget", "callAt", "callExceptionHandler", "callLater", "callSoon", "callSoonThreadsafe", "close", "createFuture", "createTask", "debug", "defaultExceptionHandler",
  "detached", "getExceptionHandler", "isClosed", "isRunning", "removeSignalHandler", "runForever", "runInExecutor", "runUntilComplete", "setDefaultExecutor", "setExceptionHandler",
  "shutdownDefaultExecutor", "slowCallbackDurationMs", "stop", "time",
];

const members: Readonly<Record<string, readonly string[]>> = {
  "Barrier": ["abort", "broken", "nWaiting", "parties", "reset", "toString", "wait"],
  "BoundedSemaphore": ofSemaphore,
  "CallFuture<number>": ["cancel", "cancelled", "catch", "done", "exception", "finally", "rejected", "result", "state", "then"],
  "CancelScope": ["cancel", "cancelCalled", "cancelledCaught", "deadline", "run", "shield", "signal"],
  "CapacityLimiter": ["acquire", "acquireNowait", "acquireOnBehalfOf", "acquireOnBehalfOfNowait", "availableTokens", "borrowedTokens", "hold", "release", "releaseOnBehalfOf", "statistics", "toString", "totalTokens"],
  "Condition": ["acquire", "hold", "locked", "notify", "notifyAll", "release", "toString", "wait", "waitFor"],
  "Context": ["copy", "entries", "get", "has", "run", "size"],
  "ContextVar<number>": ["get", "name", "reset", "set"],
  "Event": ["clear", "isSet", "set", "toString", "wait"],
  "EventLoop": ofLoop,
  "Executor": ["broadcast", "kind", "map", "name", "ready", "shutdown", "stats", "stream", "submit", "warmUp", "with"],
  "Future<number>": ofFuture,
  "Handle": ["cancel", "cancelled"],
  "LifoQueue<number>": ofQueue,
  "Lock": ["acquire", "hold", "locked", "release", "toString"],
  "PriorityQueue<number>": ofQueue,
  "Queue<number>": ofQueue,
  "Runner": ["close", "getLoop", "run"],
  "Semaphore": ofSemaphore,
  "Task<number>": [...ofFuture, "cancelling", "getBody", "getName", "getStack", "printStack", "setName", "signal", "uncancel"],
  "TaskContext": ["cancelled", "name", "progress", "setup", "signal", "throwIfCancelled", "workerId"],
  "TaskGroup": ["cancel", "createTask", "run"],
  "Timeout": ["expired", "reschedule", "signal", "when"],
  "TimerHandle": ["cancel", "cancelled", "when"],
  "VirtualTimeLoop": ofLoop,
};

describe.each(versions)("%s", (version) => {
  let service: TypeService;
  beforeAll(async () => (service = await typeService(version, folder, 'import * as offloop from "@offloop/core";')));
  afterAll(() => service.stop());

  it.each(Object.keys(members))("offers the public members of %s", async (type) => {
    expect(await service.completions(`declare const it: offloop.${type}; it.‸`)).toEqual([...members[type]!].sort());
  });
});
