// What an editor shows of the calls, in each version of TypeScript that has a language service.
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { typeService, versions } from "../../../../test/type-service.js";

const folder = fileURLToPath(new URL("../..", import.meta.url));

const prelude = `
import {
  CallFuture, callSoonThreadsafe, CancelScope, CapacityLimiter, createTask, EventLoop, fromThread, Future, gather, getRunningLoop, Queue, runInExecutor, sleep, Task, toProcess, toThread,
  VirtualTimeLoop, wait,
} from "@offloop/core";
declare const call: CallFuture<number>;
declare const queue: Queue<number>;
declare const limiter: CapacityLimiter;
declare const render: (text: string, level?: number, limits?: { timeoutMs?: number; name?: string }) => string;
declare const add: (a: number, b: number) => number;
declare const ofDate: (this: Date, days: number) => number;
declare const loop: ReturnType<typeof getRunningLoop>;
declare const task: ReturnType<typeof createTask<number>>;
declare const future: Future<number>;
`;

describe.each(versions)("%s", (version) => {
  const service = typeService(version, folder, prelude);

  it.each(["toThread(", "toProcess(", "toThread.with({})(", "runInExecutor(null, ", "fromThread(", "fromThread.sync(", "callSoonThreadsafe(", "loop.callSoon(", "loop.callLater(5, "])(
    "%s… shows the function's own parameters, optional ones too",
    (start) => {
      for (const given of ["render, ", 'render, "a", ', 'render, "a", 1, ']) {
        const signatures = service.signatures(`${start}${given}‸)`);
        expect(signatures).toHaveLength(1);
        expect(signatures[0]).toMatch(/>, text: string, level\?: number \| undefined, limits\?: \{/);
      }
    },
  );

  it("offers the keys of an object argument", () => {
    expect(service.completions('toThread(render, "a", 1, { ‸ })')).toEqual(["name", "timeoutMs"]);
  });

  it("says in one line what is wrong with an argument", () => {
    expect(service.errors("toThread(add, 1)")).toEqual(["Expected 3 arguments, but got 2."]);
    expect(service.errors("toThread(add, 1, 2, 3)")).toEqual(["Expected 3 arguments, but got 4."]);
    expect(service.errors("toThread(render, 5)")).toEqual(["Argument of type 'number' is not assignable to parameter of type 'string'."]);
    const [key, ...others] = service.errors('toThread(render, "a", 1, { name: "x", timeoutMS: 5 })');
    expect(key).toMatch(/^Object literal may only specify known properties, but 'timeoutMS' does not exist .* Did you mean to write 'timeoutMs'\?$/);
    expect(others).toEqual([]);
    expect(service.errors("toThread(<T,>(x: T) => x, 5); toThread((a: number, b = 5) => a + b, 1); toThread((x) => x * 2, 5);")).toEqual([]);
  });

  it("says why a function with a this is refused", () => {
    const [error, ...others] = service.errors("toThread(ofDate, 1)");
    expect(error).toContain("The 'this' types of each signature are incompatible.\n    Type 'typeof calledWithoutThis' is not assignable to type 'Date'.");
    expect(others).toEqual([]);
  });

  it("completes a future and a task with their own members alone", () => {
    const ofFuture = ["addDoneCallback", "cancel", "cancelled", "catch", "done", "exception", "finally", "getLoop", "rejected", "removeDoneCallback", "result", "setException", "setResult", "state", "then"];
    const ofTask = ["cancelling", "getBody", "getName", "getStack", "printStack", "setName", "signal", "uncancel"];
    expect(service.completions("future.‸")).toEqual(ofFuture);
    expect(service.completions("task.‸").sort()).toEqual([...ofFuture, ...ofTask].sort());
    expect(service.completions("call.‸")).toEqual(["cancel", "catch", "finally", "state", "then"]);
  });

  it("completes a queue, a limiter and a loop with their own members alone", () => {
    expect(service.completions("queue.‸")).toEqual(["empty", "full", "get", "getNowait", "join", "maxsize", "put", "putNowait", "qsize", "shutdown", "taskDone", "toString"]);
    const ofLimiter = ["acquire", "acquireNowait", "acquireOnBehalfOf", "acquireOnBehalfOfNowait", "availableTokens", "borrowedTokens", "hold", "release", "releaseOnBehalfOf", "statistics", "toString", "totalTokens"];
    expect(service.completions("limiter.‸")).toEqual(ofLimiter);
    const internals = ["schedule", "holdTime", "enter", "leave", "strand", "job"];
    expect(service.completions("loop.‸").filter((name) => internals.some((each) => name.startsWith(each)))).toEqual([]);
  });

  it.each(["Future", "Task", "CallFuture"])("offers no static of Promise on %s", (name) => {
    const offered = service.completions(`${name}.‸`);
    expect(offered).toContain("prototype");
    expect(offered.filter((each) => each in Promise && !(each in Function.prototype) && each !== "prototype")).toEqual([]);
  });

  it("names the options of a function by their type", () => {
    expect(service.hover("gat‸her([toThread(add, 1, 2)])")).toMatch(/options\?: GatherOptions<false>( \| undefined)?\): Future<\[number\]>$/m);
    expect(service.hover("wa‸it([toThread(add, 1, 2)])")).toMatch(/options\?: WaitOptions( \| undefined)?\): Promise<WaitResult<number>>$/m);
    for (const name of ["CancelScope", "EventLoop", "VirtualTimeLoop"]) expect(service.signatures(`new ${name}(‸)`)).toEqual([`${name}(options?: ${name}Options): ${name}`]);
    expect(service.signatures("sleep(5, ‸)")[0]).toMatch(/options\?: SleepOptions(<undefined>)?( \| undefined)?\): Future<undefined>$/);
    expect(service.hover("toTh‸read(<T,>(x: T) => x, 5)")).toContain("x: number): Future<number>");
  });
});
