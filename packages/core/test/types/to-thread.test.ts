// The types of toThread. The type check verifies the lines marked as errors; they do not run.
import { createTask, type Future, gather, runInExecutor, toThread } from "@offloop/core";
import { expectTypeOf, it } from "vitest";

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

it("tasks and gather give the results of what they run", () => {
  const calls = async () => {
    expectTypeOf(await createTask(async () => 5)).toEqualTypeOf<number>();
    expectTypeOf(await gather([toThread(render, "a"), Promise.resolve(1), true])).toEqualTypeOf<[string, number, true]>();
  };
  expectTypeOf(calls).toBeFunction();
});
