import { executors, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import * as calls from "../fixtures/calls.mjs";

it("lists executors until they are shut down, without their views", async () => {
  const before = executors();
  const made = [new ThreadPoolExecutor(), new ProcessPoolExecutor(), new InlineExecutor()];
  const views = made.map((executor) => executor.with({ priority: 1 }));
  const listed = executors().filter((executor) => !before.includes(executor));
  expect(listed).toEqual(made);
  expect(listed.map(({ kind }) => kind)).toEqual(["thread", "process", "inline"]);
  expect(executors()).not.toContain(views[0]);
  await made[0]!.submit(calls.add, 1, 1);
  expect(listed[0]!.stats()).toMatchObject({ submitted: 1, run: { count: 1 } });
  for (const executor of made) await executor.shutdown();
  expect(executors().filter((executor) => made.includes(executor as never))).toEqual([]);
});

it("keeps no executor alive", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const before = executors().length;
  let gone = 0;
  const registry = new FinalizationRegistry(() => (gone += 1));
  for (let index = 0; index < 20; index += 1) registry.register(new InlineExecutor(), index);
  while (gone < 20) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(executors().length).toBeLessThanOrEqual(before);
});
