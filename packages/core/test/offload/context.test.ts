import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { CapacityLimiter, ContextVar, createTask, Event, gather, getEventLoop, Lock, PriorityQueue, Queue, run, runInExecutor, shutdownDefaultExecutor, toThread } from "@offloop/core";
import { closeActor, type Executor, InlineExecutor, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as vars from "../fixtures/context-vars.mjs";

afterEach(() => shutdownDefaultExecutor({ timeoutMs: 0 }));

describe.each<[string, Executor]>([
  ["thread", new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["process", new ProcessPoolExecutor({ maxWorkers: 1 })],
  ["inline", new InlineExecutor()],
])("%s", (kind, executor) => {
  afterAll(() => executor.shutdown());

  it.each<[unknown, unknown?]>([
    ["text"], [0], [null], [undefined], [12n], [{ user: { id: 1, roles: ["a", "b"] } }], [[1, [2]]], [new Map([["a", { b: 1 }]])], [new Set([1])], [new Date(5)],
  ])("a ContextVar has the calling task's value inside the call: %o", async (value) => {
    const call = (): Promise<unknown> => createTask(() => (vars.plain.set(value as never), runInExecutor(executor, vars.plainHere)));
    expect(await call()).toEqual(value);
    expect(await runInExecutor(executor, vars.plainHere)).toBe("default");
  });

  it.each<[string, unknown]>([
    ["a function", () => 1],
    ["an instance", { session: new (class Session {})() }],
    ["a socket-like handle", new EventEmitter()],
    ["a promise", Promise.resolve(1)],
    ["a symbol", Symbol("s")],
    ["a getter", { get now() { throw new Error("must not run"); } }],
    ["a proxy", new Proxy({}, { ownKeys: () => { throw new Error("must not run"); } })],
    ["large data", Array.from({ length: 2_000 }, (_, index) => index)],
    ["a cycle that is large", Array.from({ length: 1_001 }, () => ({}))],
  ])("a value that is no small data stays, and the call is made all the same: %s", async (_name, value) => {
    const call = createTask(() => (vars.plain.set(value as never), runInExecutor(executor, vars.plainHere)));
    if (kind === "inline") await call.catch(() => {});
    else expect(await call).toBe("default");
  });

  it("a cycle crosses, and so do map(), stream() and broadcast()", async () => {
    await createTask(async () => {
      const cycle: { self?: unknown; name: string } = { name: "round" };
      cycle.self = cycle;
      vars.plain.set(cycle as never);
      const there = (await runInExecutor(executor, vars.plainHere)) as unknown as typeof cycle;
      expect(there.self === there && there.name).toBe("round");
      vars.plain.set("task");
      const results: unknown[] = [];
      for await (const result of executor.map(vars.plainHere, [1, 2] as never[])) results.push(result);
      for await (const item of executor.stream(vars.plainInStream)) results.push(item);
      if (kind !== "inline") results.push(...(await executor.broadcast(vars.plainHere)));
      expect(new Set(results)).toEqual(new Set(["task"]));
    });
  });

  it("what a call sets does not reach its caller, but the functions that it requests", async () => {
    await createTask(async () => {
      vars.plain.set("mine");
      expect(await executor.submit(vars.setsAndAsks, "the call's")).toEqual(["the call's", "the call's"]);
      expect(vars.plain.get()).toBe("mine");
    });
  });

  it("a function that a call requests sees the caller's own object, and no copy", async () => {
    await createTask(async () => {
      const original = { id: 1 };
      (globalThis as never as Record<symbol, unknown>)[Symbol.for("offloop.test.original")] = original;
      vars.plain.set(original as never);
      expect(await executor.submit(vars.asksForOriginal)).toBe(true);
    });
  });

  it("variables of one name do not cross", async () => {
    const seen = createTask(() => (vars.twins.forEach((twin) => twin.set("set")), runInExecutor(executor, vars.twinsHere)));
    expect(await seen).toEqual(kind === "inline" ? ["set", "set"] : ["default", "default"]);
  });

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

it.each(["thread", "process"] as const)("crosses to an actor's methods (%s)", async (kind) => {
  const reader = await spawnActor.with({ kind })(vars.Reader);
  try {
    expect(await createTask(() => (vars.plain.set("Ada"), reader.plain()))).toBe("Ada");
    expect(await reader.plain()).toBe("default");
  } finally {
    await closeActor(reader);
  }
});

it("debug mode tells which value stays, and why, once", () => {
  const text = `import { ContextVar, run, toThread } from "@offloop/core"; const request = new ContextVar("request");
    await run(async () => { request.set({ socket: new (class Socket {})() }); await toThread(Math.max, 1); await toThread(Math.max, 2); }, { debug: true });`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", text], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 });
  expect(stderr.match(/The value of ContextVar request does not cross to workers: it contains an instance of Socket\./g)).toHaveLength(1);
});

it.each([
  ["a ContextVar", new ContextVar("captured"), /pass variable\.get\(\) as an argument/],
  ["a Queue", new Queue(), /await fromThread\(put, item\)/],
  ["a PriorityQueue", new PriorityQueue(), /await fromThread\(put, item\)/],
  ["an Event", new Event(), /await fromThread\(use\)/],
  ["a Lock", new Lock(), /await fromThread\(use\)/],
  ["a limiter", new CapacityLimiter(1), /await fromThread\(use\)/],
  ["a loop", getEventLoop(), /callSoonThreadsafe\(fn\), or await fromThread\(fn\)/],
  ["an executor", new InlineExecutor(), /await fromThread\(submit, \.\.\.args\)/],
])("%s is refused with the code to write, as a captured value and as an argument", async (_name, value: unknown, advice) => {
  const captured = (): unknown => value;
  for (const call of [toThread(captured as () => number), toThread((x: unknown) => x === undefined, value), toThread((x: unknown) => x === undefined, { deep: [value] })]) {
    await expect(call).rejects.toThrow(/which belongs to this thread/);
    await expect(call).rejects.toThrow(advice);
  }
});
