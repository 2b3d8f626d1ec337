// What an editor shows of the calls, in each version of TypeScript that has a language await service.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TypeService, typeService, versions } from "../../../../test/type-service.js";

const folder = fileURLToPath(new URL("../..", import.meta.url));

const prelude = `
import {
  CallFuture, callSoonThreadsafe, CancelScope, EventLoop, fromThread, Future, gather, getRunningLoop, runInExecutor, sleep, Task, toProcess, toThread,
  VirtualTimeLoop, wait,
} from "@offloop/core";
declare const render: (text: string, level?: number, limits?: { timeoutMs?: number; name?: string }) => string;
declare const add: (a: number, b: number) => number;
declare const makeAdd: (x: number) => (y: number) => number;
declare const ofDate: (this: Date, days: number) => number;
declare const loop: ReturnType<typeof getRunningLoop>;
`;

describe.each(versions)("%s", (version) => {
  let service: TypeService;
  beforeAll(async () => (service = await typeService(version, folder, prelude)));
  afterAll(() => service.stop());

  it.each(["toThread(", "toProcess(", "toThread.with({})(", "runInExecutor(null, ", "fromThread(", "fromThread.sync(", "callSoonThreadsafe(", "loop.callSoon(", "loop.callLater(5, "])(
    "%s… shows the function's own parameters, optional ones too",
    async (start) => {
      for (const given of ["render, ", 'render, "a", ', 'render, "a", 1, ']) {
        const signatures = await service.signatures(`${start}${given}‸)`);
        expect(signatures).toHaveLength(1);
        expect(signatures[0]).toMatch(/(?:fn|callback): \(this: void, text: string, .*\) => (?:string|unknown), text: string, level\?: number \| undefined, limits\?: \{/);
      }
    },
  );

  it("offers the keys of an object argument", async () => {
    expect(await service.completions('toThread(render, "a", 1, { ‸ })')).toEqual(["name", "timeoutMs"]);
  });

  it("says in one line what is wrong with an argument", async () => {
    expect(await service.errors("toThread(add, 1)")).toEqual(["Expected 3 arguments, but got 2."]);
    expect(await service.errors("toThread(add, 1, 2, 3)")).toEqual(["Expected 3 arguments, but got 4."]);
    expect(await service.errors("toThread(render, 5)")).toEqual(["Argument of type 'number' is not assignable to parameter of type 'string'."]);
    const [key, ...others] = await service.errors('toThread(render, "a", 1, { name: "x", timeoutMS: 5 })');
    expect(key).toMatch(/^Object literal may only specify known properties, but 'timeoutMS' does not exist .* Did you mean to write 'timeoutMs'\?$/);
    expect(others).toEqual([]);
    expect(await service.errors("toThread(<T,>(x: T) => x, 5); toThread((a: number, b = 5) => a + b, 1); toThread((x) => x * 2, 5);")).toEqual([]);
  });

  it("says in the last line what to write instead of a function with `this`", async () => {
    const why = '"This function uses `this`, and a call has none: write (...args) => object.method(...args)"';
    for (const call of ["toThread(ofDate, 1)", "runInExecutor(null, ofDate, 1)", "fromThread.sync(ofDate, 1)", "callSoonThreadsafe(ofDate, 1)", "loop.callSoon(ofDate, 1)", "loop.callLater(5, ofDate, 1)"]) {
      const [error, ...others] = await service.errors(call);
      const [what, reason, ...more] = error!.split("\n");
      expect(what).toMatch(/^Argument of type '\(this: Date, days: number\) => number' is not assignable to parameter of type '.*'\.$/);
      expect(reason).toBe(`  Type '(this: Date, days: number) => number' is not assignable to type '${why}'.`);
      expect([...more, ...others]).toEqual([]);
    }
  });

  it("refuses a function that returns a function, at the call", async () => {
    const why = '"A function cannot be copied to the caller: return data, or let an actor return proxy(fn)"';
    for (const call of ["toThread(makeAdd, 1)", "toThread((x) => (y: number) => x + y, 1)", "toThread(async () => () => 1)", "toThread(() => Date)", "runInExecutor(null, makeAdd, 1)", "fromThread(makeAdd, 1)"]) {
      const [error, ...others] = await service.errors(call);
      const [what, reason, ...more] = error!.split("\n");
      expect(what).toMatch(/^Argument of type '.*' is not assignable to parameter of type '.*'\.$/);
      expect(reason).toMatch(/^ {2}Type '.*' is not assignable to type '(.*)'\.$/);
      expect(reason).toContain(why);
      expect([...more, ...others]).toEqual([]);
    }
  });

  it.each(["Future", "Task", "CallFuture"])("offers no static of Promise on %s", async (name) => {
    const offered = await service.completions(`${name}.‸`);
    expect(offered).toContain("prototype");
    expect(offered.filter((each) => each in Promise && !(each in Function.prototype) && each !== "prototype")).toEqual([]);
  });

  it("names the options of a function by their type", async () => {
    expect(await service.hover("gat‸her([toThread(add, 1, 2)])")).toMatch(/options\?: GatherOptions<false>( \| undefined)?\): Future<\[number\]>$/m);
    expect(await service.hover("wa‸it([toThread(add, 1, 2)])")).toMatch(/options\?: WaitOptions( \| undefined)?\): Promise<WaitResult<Future<number>>>$/m);
    for (const name of ["CancelScope", "EventLoop", "VirtualTimeLoop"]) expect(await service.signatures(`new ${name}(‸)`)).toEqual([`${name}(options?: ${name}Options): ${name}`]);
    expect((await service.signatures("sleep(5, ‸)"))[0]).toMatch(/options\?: SleepOptions(<undefined>)?( \| undefined)?\): Future<undefined>$/);
    expect(await service.hover("toTh‸read(<T,>(x: T) => x, 5)")).toMatch(/x: number\)(:| =>) Future<number>$/m);
  });
});
