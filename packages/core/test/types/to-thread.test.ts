// The types of toThread. The type check verifies the lines marked as errors; they do not run.
import { asCompleted, callSoonThreadsafe, copyContext, createTask, firstCompleted, fromThread, type Future, gather, getRunningLoop, race, runInExecutor, toProcess, toThread, wait } from "@offloop/core";
import { expect, expectTypeOf, it } from "vitest";

const render = (text: string, level = 1): string => text.repeat(level);
const fetchSize = async (url: URL): Promise<number> => url.href.length;

it("toThread takes the function's arguments and gives its result, awaited", () => {
  const calls = () => {
    expectTypeOf(toThread(render, "a")).toEqualTypeOf<Future<string>>();
    expectTypeOf(toThread(fetchSize, new URL("x:y"))).toEqualTypeOf<Future<number>>();
    expectTypeOf(runInExecutor(null, render, "a", 2)).toEqualTypeOf<Future<string>>();
    expectTypeOf(toThread.with({ priority: 1 })(render, "a")).toEqualTypeOf<Future<string>>();
    // @ts-expect-error a number is no text
    void toThread(render, 5);
    // @ts-expect-error an argument is missing
    void toThread(render);
    // @ts-expect-error there is no such option
    void toThread.with({ timeout: 5 });
  };
  expectTypeOf(calls).toBeFunction();
});

interface Limits {
  timeoutMs?: number;
  name?: string;
}
const limited = (limits: Limits): number => limits.timeoutMs ?? 0;
function ofDate(this: Date, days: number): number {
  return this.getDate() + days;
}

it("every way to a call keeps generics and defaults, and takes parameters from the arguments", () => {
  const calls = () => {
    const loop = getRunningLoop();
    expectTypeOf(toThread(<T>(x: T) => x, 5)).toEqualTypeOf<Future<number>>();
    expectTypeOf(toThread((a: number, b = 5) => a + b, 1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(toThread.with({ priority: 1 })((x) => x * 2, 5)).toEqualTypeOf<Future<number>>();
    expectTypeOf(toProcess(<T>(x: T) => [x], "a")).toEqualTypeOf<Future<string[]>>();
    expectTypeOf(runInExecutor(null, (a: number, b = 5) => a * b, 1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(loop.runInExecutor(null, <T>(x: T) => x, 5)).toEqualTypeOf<Future<number>>();
    expectTypeOf(fromThread(<T>(x: T) => x, 5)).resolves.toEqualTypeOf<number>();
    expectTypeOf(fromThread.sync((x) => x * 2, 5)).toEqualTypeOf<number>();
    expectTypeOf(copyContext().run(<T>(x: T) => x, 5)).toEqualTypeOf<number>();
    loop.callSoon((x) => x.toFixed(), 5);
    loop.callLater(5, (x: number, y = 2) => x * y, 5);
    callSoonThreadsafe((x) => x.toFixed(), 5);
  };
  expectTypeOf(calls).toBeFunction();
});

it("every way to a call refuses a misspelt key, and a function that declares a this", () => {
  const calls = () => {
    const loop = getRunningLoop();
    const misspelt = { name: "x" };
    // @ts-expect-error the key is timeoutMs
    void toThread(limited, { ...misspelt, timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    void toProcess.with({})(limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    void runInExecutor(null, limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    void fromThread(limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    callSoonThreadsafe(limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    loop.callSoon(limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error the key is timeoutMs
    loop.callAt(5, limited, { name: "x", timeoutMS: 5 });
    // @ts-expect-error a call has no this
    void toThread(ofDate, 1);
    // @ts-expect-error a call has no this
    void runInExecutor(null, ofDate, 1);
    // @ts-expect-error a call has no this
    void fromThread(ofDate, 1);
    // @ts-expect-error a callback has no this
    loop.callSoon(ofDate, 1);
    // @ts-expect-error a callback has no this
    loop.callLater(5, ofDate, 1);
  };
  expectTypeOf(calls).toBeFunction();
});

it("tasks and gather give the results of their functions", () => {
  const calls = async () => {
    expectTypeOf(await createTask(async () => 5)).toEqualTypeOf<number>();
    expectTypeOf(await gather([toThread(render, "a"), Promise.resolve(1), true])).toEqualTypeOf<[string, number, boolean]>();
    expectTypeOf(gather([() => 1, async () => "a"])).toEqualTypeOf<Future<[number, string]>>();
    expectTypeOf(gather(new Set([toThread(render, "a")]))).toEqualTypeOf<Future<string[]>>();
    expectTypeOf(gather([toThread(render, "a"), () => 1], { returnExceptions: true })).toEqualTypeOf<Future<[string | Error, number | Error]>>();
    expectTypeOf(gather([() => 1], { returnExceptions: false })).toEqualTypeOf<Future<[number]>>();
    // @ts-expect-error there is no such option
    void gather([() => 1], { returnException: true });
  };
  expectTypeOf(calls).toBeFunction();
});

it("functions that wait for several awaitables have the results of all kinds", () => {
  const calls = async () => {
    const mixed = [toThread(render, "a"), Promise.resolve(1), async () => new Date()] as const;
    const { done } = await wait([toThread(render, "a"), () => 1], { timeoutMs: 5 });
    expectTypeOf(done).toEqualTypeOf<Set<Future<string | number>>>();
    for await (const future of asCompleted(mixed)) expectTypeOf(future.result()).toEqualTypeOf<string | number | Date>();
    expectTypeOf(await race(mixed)).toEqualTypeOf<string | number | Date>();
    expectTypeOf(await race(new Set([toThread(render, "a")]))).toEqualTypeOf<string>();
    const byName = new Map([["a", (): number => 5]]);
    expectTypeOf(await firstCompleted(byName.values())).toEqualTypeOf<number>();
    // @ts-expect-error there is no such option
    void wait([() => 1], { timeout: 5 });
    // @ts-expect-error there is nothing to iterate over
    void race(5);
  };
  expectTypeOf(calls).toBeFunction();
});

it("exported functions have their names", () => {
  expect([toThread.name, toProcess.name, toThread.with({ priority: 1 }).name, fromThread.name]).toEqual(["toThread", "toProcess", "toThread", "fromThread"]);
});
