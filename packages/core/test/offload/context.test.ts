import { createTask, gather, run, runInExecutor, shutdownDefaultExecutor, toThread } from "@offloop/core";
import { type Executor, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as vars from "../fixtures/context-vars.mjs";

afterEach(() => shutdownDefaultExecutor({ timeoutMs: 0 }));

describe.each<[string, Executor]>([
  ["thread", new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["process", new ProcessPoolExecutor({ maxWorkers: 1 })],
  ["inline", new InlineExecutor()],
])("%s", (kind, executor) => {
  afterAll(() => executor.shutdown());

  it("only a ContextVar that propagates has the calling task's value inside the call", async () => {
    const call = (name: string) =>
      createTask(() => {
        vars.user.set(name);
        vars.local.set(1);
        return runInExecutor(executor, vars.seen);
      });
    const own = kind === "inline" ? 1 : 0;
    expect(await run(() => gather([call("Ada"), call("Grace"), runInExecutor(executor, vars.seen)]))).toEqual([
      ["Ada", "Ada", own],
      ["Grace", "Grace", own],
      ["nobody", "nobody", 0],
    ]);
  });
});

it("toThread carries the value into the call", async () => {
  const inTask = async () => {
    vars.user.set("Ada");
    return toThread(vars.seen);
  };
  expect(await run(inTask)).toEqual(["Ada", "Ada", 0]);
});
