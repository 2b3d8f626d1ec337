// captureCallGraph() and printCallGraph(): who awaits whom, over every kind of wait.
import { asCompleted, captureCallGraph, createTask, currentTask, firstCompleted, Future, gather, getRunningLoop, InvalidArgumentError, Lock, printCallGraph, race, run, shield, sleep, type Task, taskGroup, wait, waitFor } from "@offloop/core";
import { expect, it } from "vitest";

const namesOf = (future: Future<unknown>) => captureCallGraph(future)!.awaitedBy.map((each) => (each.future as Task<unknown>).getName());

it.each<readonly [string, (inner: Task<unknown>) => unknown]>([
  ["await", async (inner) => await inner],
  ["the body", (inner) => inner],
  ["a helper", async (inner) => await (async () => await inner)()],
  ["then", async (inner) => await inner.then((value) => value).finally(() => {})],
  ["gather", async (inner) => await gather([sleep(60_000), gather([inner])])],
  ["shield", async (inner) => await shield(inner)],
  ["wait", async (inner) => await wait([inner, sleep(60_000)])],
  ["waitFor", async (inner) => await waitFor(inner, 60_000)],
  ["race", async (inner) => await race([inner, sleep(60_000)])],
  ["firstCompleted", async (inner) => await firstCompleted([inner])],
  ["Promise.all", async (inner) => await Promise.all([inner, sleep(60_000)])],
  ["asCompleted", async (inner) => {
    for await (const _ of asCompleted([inner, sleep(60_000)]));
  }],
])("names the task that awaits by %s", (_, body) =>
  run(async () => {
    const inner = createTask(() => sleep(60_000), { name: "inner" });
    createTask(() => body(inner), { name: "outer" });
    await sleep(1);
    expect(namesOf(inner)).toEqual(["outer"]);
  }));

it("names the parent of a task group while its body waits for anything", () =>
  run(async () => {
    let inner: Task<unknown> | undefined;
    let endBody = (): void => {};
    createTask(() => taskGroup(async (group) => {
      inner = group.createTask(() => sleep(60_000));
      await new Promise<void>((resolve) => (endBody = resolve));
    }), { name: "outer" });
    await sleep(1);
    expect(namesOf(inner!)).toEqual(["outer"]);
    endBody();
  }));

it("leaves out what awaits no more, and what is done", () =>
  run(async () => {
    const inner = createTask(() => sleep(60_000));
    const outer = createTask(async () => await wait([inner]));
    const grouped: Task<unknown>[] = [];
    await taskGroup((group) => void grouped.push(group.createTask(() => sleep(1))));
    outer.cancel();
    await wait([outer]);
    expect([namesOf(inner), namesOf(grouped[0]!)]).toEqual([[], []]);
  }));

it("shares the nodes of a future that many paths lead to", () =>
  run(async () => {
    let layer: Task<unknown>[] = [createTask(() => sleep(60_000), { name: "root" })];
    const root = layer[0]!;
    for (let depth = 0; depth < 12; depth += 1) {
      const below = layer;
      layer = [0, 1].map((index) => createTask(() => gather(below), { name: `${depth}.${index}` }));
    }
    await sleep(1);
    const lines: string[] = [];
    printCallGraph(root, { write: (text) => lines.push(...text.split("\n")) });
    root.cancel();
    await wait(layer);
    expect(lines.filter((line) => line.includes("* Task 11."))).toHaveLength(4);
    expect(lines.filter((line) => line.endsWith("(see above)"))).toHaveLength(11 * 2);
  }));

it("captures a chain of 20,000 tasks, and prints its first levels", () =>
  run(async () => {
    const inner = createTask(() => sleep(60_000));
    let last: Task<unknown> = inner;
    for (let index = 0; index < 20_000; index += 1) {
      const awaited = last;
      last = createTask(() => awaited);
    }
    await sleep(1);
    let levels = 0;
    for (let graph = captureCallGraph(inner); graph !== undefined; graph = graph.awaitedBy[0]) levels += 1;
    let text = "";
    printCallGraph(inner, { write: (written) => (text += written) });
    inner.cancel();
    await wait([last]);
    expect([levels, text.split("\n").at(-2)]).toEqual([20_001, expect.stringMatching(/and those that await it: see captureCallGraph\(\)\)$/)]);
  }));

it("gives the stack of the current task, and in debug mode those of the others", () =>
  run(async () => {
    expect(captureCallGraph()!.future).toBe(currentTask());
    const here = (function innermost() {
      return captureCallGraph(undefined, { limit: 1 })!;
    })();
    expect(here.callStack).toEqual([expect.stringMatching(/innermost.*call-graph\.test/)]);
    expect(captureCallGraph(undefined, { depth: 1_000 })!.callStack).toEqual([]);
    expect(captureCallGraph(undefined, { limit: 0 })!.callStack).toEqual([]);
    const inner = createTask(async function load() {
      await new Lock().hold(async function held() {
        await sleep(60_000);
      });
    }, { name: "inner" });
    createTask(async function outermost() {
      await inner;
    }, { name: "outer" });
    await sleep(1);
    const { callStack, awaitedBy } = captureCallGraph(inner)!;
    expect(callStack.join("\n")).toMatch(/held|load/);
    expect(awaitedBy[0]!.callStack.join("\n")).toMatch(/call-graph\.test/);
    const last = captureCallGraph(inner, { limit: -1 })!.callStack;
    expect(last).toEqual(callStack.slice(-1));
    let text = "";
    printCallGraph(inner, { write: (written) => (text += written) });
    expect(text.split("\n").map((line) => line.replace(/at .*/, "at …"))).toEqual([
      "* Task inner", "  + Call stack:", ...callStack.map(() => "  |   at …"), "  + Awaited by:", "     * Task outer", "       + Call stack:", ...awaitedBy[0]!.callStack.map(() => "       |   at …"), "",
    ]);
  }, { debug: true }));

it("gives nothing outside tasks, and refuses what is no future", () => {
  expect(captureCallGraph()).toBeUndefined();
  printCallGraph(undefined, { write: () => expect.unreachable() });
  for (const wrong of [5, Promise.resolve(), null, {}]) {
    expect(() => captureCallGraph(wrong as never)).toThrow(InvalidArgumentError);
    expect(() => printCallGraph(wrong as never)).toThrow(/printCallGraph\(\) takes a future or a task of a loop; got/);
  }
});

it("names the tasks that await a plain future", () =>
  run(async () => {
    const future = getRunningLoop().createFuture<void>();
    createTask(async () => await future, { name: "a" });
    createTask(async () => await future, { name: "b" });
    await sleep(1);
    expect([namesOf(future), captureCallGraph(future)!.callStack]).toEqual([["a", "b"], []]);
  }));
