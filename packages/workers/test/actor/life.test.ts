import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { closeActor, ExecutorShutdownError, InvalidOptionError, proxy, spawnActor, WorkerCrashedError, WorkerStartError } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection, until } from "../contract/executors.js";
import { Disposable, ExitsOnce, Store } from "../fixtures/actor-store.mjs";
import { forEachKind } from "./spawn.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

forEachKind(({ kind, store, spawn, file }) => {
  it("rejects every call in flight when the worker exits, with its exit code or signal", async () => {
    const actor = await store();
    const waiting = actor.marksAndWaits(file("waits"));
    const errors = await Promise.all([rejection(waiting), rejection(actor.exits(7)), rejection(actor.set("a", 1))]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(WorkerCrashedError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED", exit: { exitCode: 7 } });
      expect(error.stack).toContain("life.test.ts");
    }
    expect(errors[0].callName).toBe("Store.marksAndWaits");
  });

  it("names an error that was thrown outside a call", async () => {
    const error = await rejection((await store()).throwsBeside());
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect(`${error.message}`).toContain("thrown beside the call");
  });

  it("refuses later calls of an actor without restart", async () => {
    const actor = await store();
    await rejection(actor.exits(3));
    const error = await rejection(actor.set("a", 1));
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect(error).toMatchObject({ callName: "Store.set", exit: { exitCode: 3 } });
    expect(error.message).toContain("earlier");
  });

  it("closeActor ends it as await using does", async () => {
    const actor = await store({ closeTimeoutMs: 30_000 });
    const before = actor.set("a", 1);
    await closeActor(actor);
    expect(await before).toBe(1);
    expect(await rejection(actor.set("b", 1))).toBeInstanceOf(ExecutorShutdownError);
    await closeActor(actor);
    expect(await rejection(closeActor({} as typeof actor))).toMatchObject({ code: "ERR_OFFLOOP_INVALID_ARGUMENT" });
  });

  it("starts again at the next call, from the same arguments and without the state", async () => {
    const actor = await store({ restart: "on-crash" }, { limit: 9 });
    for (let round = 0; round < 2; round += 1) {
      expect(await actor.set("a", 1)).toBe(1);
      expect(await rejection(actor.exits(1))).toBeInstanceOf(WorkerCrashedError);
      expect(await Promise.all([actor.set("b", 1), actor.set("c", 1)])).toEqual([1, 2]);
      expect(await actor.options).toEqual({ limit: 9 });
      await rejection(actor.exits(1));
    }
  });

  it("starts again after a worker whose last messages arrive with its exit", async () => {
    const mark = file("mark");
    const starting = spawn({ restart: "on-crash" }, ExitsOnce, mark);
    // This thread is busy from the moment in which the constructor runs until the worker has ended.
    await until(() => existsSync(mark));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const actor = await starting;
    const first = await actor.ping().catch((error: unknown) => error);
    if (first !== "pong") expect(first).toBeInstanceOf(WorkerCrashedError);
    expect(await actor.ping()).toBe("pong");
  });

  it("settles every call while worker after worker dies under them", async () => {
    const actor = await store({ restart: "on-crash" });
    const outcomes: string[] = [];
    const note = (call: Promise<unknown>): Promise<void> => call.then(() => void outcomes.push("fulfilled"), (error: Error) => void outcomes.push(error.constructor.name));
    for (let round = 0; round < 4; round += 1) {
      const calls = Array.from({ length: 30 }, (_, index) => (index === 20 ? actor.exits(1) : index % 2 === 0 ? actor.set(index, index) : actor.sum([1], proxy(() => {}))));
      await Promise.all(calls.map(note));
    }
    expect(outcomes).toHaveLength(120);
    // The number of calls that were answered before the exit varies. The exit and all later calls are never answered.
    const crashed = outcomes.filter((outcome) => outcome === "WorkerCrashedError").length;
    const fulfilled = outcomes.filter((outcome) => outcome === "fulfilled").length;
    expect(crashed + fulfilled).toBe(120);
    expect(crashed).toBeGreaterThanOrEqual(4 * 10);
    expect(await actor.set("a", 1)).toBe(1);
  });

  it("remote objects of an ended worker reject, also after a restart of the actor", async () => {
    const actor = await store({ restart: "on-crash" });
    const cursor = await actor.cursor();
    await rejection(actor.exits(1));
    expect(await actor.size).toBe(0);
    expect(await rejection(cursor.step())).toBeInstanceOf(WorkerCrashedError);
  });

  it("rejects with the reason when the constructor throws", async () => {
    const error = await rejection(store({}, { fail: true }));
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.message).toContain("the constructor refused");
    expect(error.cause).toMatchObject({ name: "StoreError", code: "E_STORE", key: "fail" });
    expect(error.cause.cause.message).toBe("its cause");
  });

  it("rejects with the reason when the module cannot be loaded", async () => {
    const error = await rejection(spawn({}, new URL("../fixtures/no-such-module.mjs", import.meta.url)));
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.cause).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
  });

  it("rejects when the worker exits while it starts", async () => {
    const error = await rejection(store({}, { exit: 6 }));
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.cause).toMatchObject({ exit: { exitCode: 6 } });
  });

  it("rejects when the worker cannot start at all", async () => {
    const error = await rejection(store({ execArgv: ["--import", "data:text/javascript,throw new Error('not today')"] }));
    expect(error).toBeInstanceOf(WorkerStartError);
    expect(error.message).toContain("not today");
  });

  it("refuses constructor arguments that cannot be copied", async () => {
    expect(await rejection(store({}, { handle: () => {} }))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "args[0].handle" });
  });

  it("disposes of the object, and then ends the worker", async () => {
    const done = file("done");
    const actor = await spawn({ closeTimeoutMs: Infinity }, Disposable, done);
    expect(await actor.ping()).toBe("pong");
    await actor[Symbol.asyncDispose]();
    expect(readFileSync(done, "utf8")).toBe("disposed");
    const error = await rejection(actor.ping());
    expect(error).toBeInstanceOf(ExecutorShutdownError);
    await actor[Symbol.asyncDispose]();
  });

  it("waits for the calls in flight before it ends", async () => {
    const actor = await store({ closeTimeoutMs: Infinity });
    const call = actor.later("done");
    const ended = actor[Symbol.asyncDispose]();
    expect(await call).toBe("done");
    await ended;
  });

  it("ends a worker that does not end by itself, and settles its calls", async () => {
    const actor = await store({ closeTimeoutMs: 0 });
    const begun = file("begun");
    const call = rejection(actor.spins(begun));
    await until(() => existsSync(begun));
    await actor[Symbol.asyncDispose]();
    expect(await call).toBeInstanceOf(ExecutorShutdownError);
  });

  it("rejects the disposal with the error of the object's own, and ends the worker", async () => {
    const actor = await spawn({ closeTimeoutMs: Infinity }, Disposable, file("x"), "throws");
    expect(await rejection(actor[Symbol.asyncDispose]())).toMatchObject({ name: "StoreError", key: "dispose" });
    expect(await rejection(actor.ping())).toBeInstanceOf(ExecutorShutdownError);
  });

  it("disposes of an actor that has crashed", async () => {
    const actor = await store();
    await rejection(actor.exits(1));
    await actor[Symbol.asyncDispose]();
    expect(await rejection(actor.size.then())).toBeInstanceOf(ExecutorShutdownError);
  });

  it("keeps the process alive during a call, and at no other time", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fixture("actor-program.mjs"), kind], { encoding: "utf8", timeout: 25_000 });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "waited\n", stderr: "" });
  });

  if (kind === "process") {
    it("names the signal that ended the process", async () => {
      const actor = await store();
      const error = await rejection(actor.killsItself("SIGKILL"));
      expect(error.exit).toMatchObject({ signal: "SIGKILL" });
      expect(error.message).toContain("SIGKILL");
    });
  } else {
    it("distinguishes a heap limit from other crashes", async () => {
      const actor = await store({ maxHeapBytes: 16 * 2 ** 20 });
      expect(await rejection(actor.fillsHeap())).toMatchObject({ name: "OutOfMemoryError", code: "ERR_OFFLOOP_OUT_OF_MEMORY" });
    });
  }
});

it.each([
  [{ kind: "fiber" }, "kind"],
  [{ restart: true }, "restart"],
  [{ name: "" }, "name"],
  [{ closeTimeoutMs: -1 }, "closeTimeoutMs"],
  [{ closeTimeoutMs: "1" }, "closeTimeoutMs"],
  [{ env: "PATH" }, "env"],
  [{ execArgv: "--import" }, "execArgv"],
  [{ maxHeapBytes: 1 }, "maxHeapBytes"],
  [{ maxWorkers: 1 }, "maxWorkers"],
])("refuses the options %o by name", (options, option) => {
  expect(() => spawnActor.with(options as never)).toThrow(InvalidOptionError);
  expect(() => spawnActor.with(options as never)).toThrow(expect.objectContaining({ option }));
});

it("with() adds options to earlier ones", async () => {
  await using actor: any = await (spawnActor.with({ name: "one" }).with({ kind: "process" }) as any)(Store);
  expect((await rejection(actor.nothing())).message).toContain("one.nothing");
});
