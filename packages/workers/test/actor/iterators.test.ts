import { existsSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ExecutorShutdownError, WorkerCrashedError } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection, until } from "../contract/executors.js";
import { forEachKind } from "./spawn.js";

async function collect(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of source) items.push(item);
  return items;
}

forEachKind(({ store, file }) => {
  it("loops over generators, async generators and streams of the actor", async () => {
    const actor = await store();
    await actor.set("a", 1);
    expect(await collect(actor.entries())).toEqual([["a", 1]]);
    expect(await collect(actor.ticks(3))).toEqual([0, 1, 2]);
    expect(await collect(actor.stream())).toEqual(["a", "b"]);
    expect(await collect(await actor.ticks(2))).toEqual([0, 1]);
  });

  it("gives the return value, and nothing after the end", async () => {
    const actor = await store();
    const iterator = await actor.entries();
    expect(await iterator.next()).toEqual({ done: true, value: "end" });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return("x")).toEqual({ done: true, value: "x" });
  });

  it("ends the generator when the loop is left", async () => {
    const actor = await store();
    await actor.set("a", 1);
    const ended = file("ended");
    for await (const _ of actor.entries(ended)) break;
    expect(existsSync(ended)).toBe(true);
  });

  it("answers every step that was requested before the end", async () => {
    const actor = await store();
    const done = { done: true, value: undefined };
    const read = await actor.ticks(1);
    expect(await Promise.all([read.next(), read.next(), read.next()])).toEqual([{ done: false, value: 0 }, done, done]);
    const left = await actor.ticks(3);
    expect(await Promise.all([left.next(), left.return("enough"), left.next()])).toEqual([{ done: false, value: 0 }, { done: true, value: "enough" }, done]);
    const failed = await actor.ticks(3);
    expect(await Promise.allSettled([failed.next(), failed.throw(new RangeError("enough")), failed.next()])).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { message: "enough" } }, { status: "fulfilled", value: done }]);
  });

  it("rejects with what the generator throws", async () => {
    const actor = await store();
    expect(await rejection(collect(actor.ticks(5, 2)))).toMatchObject({ name: "StoreError", key: 2 });
  });

  it("rejects at a step that is no object", async () => {
    const actor = await store();
    expect(await rejection(collect(actor.malformed()))).toBeInstanceOf(TypeError);
  });

  it("rejects when the worker dies in the middle", async () => {
    const actor = await store();
    expect(await rejection(collect(actor.exitsAfter(2)))).toBeInstanceOf(WorkerCrashedError);
  });

  it("names a result that cannot be iterated", async () => {
    const actor = await store();
    expect(await rejection(collect(actor.set("a", 1)))).toBeInstanceOf(TypeError);
  });

  it("ends a generator when its abandoned iterator is collected", async () => {
    const actor = await store();
    await actor.set("a", 1);
    const ended = file("ended");
    await (async () => {
      const iterator = await actor.entries(ended);
      await iterator.next();
    })();
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    await until(() => {
      gc();
      return existsSync(ended);
    });
    expect(existsSync(ended)).toBe(true);
  });

  it("an iterator throws after the actor's end", async () => {
    const actor = await store();
    const iterator = await actor.ticks(3);
    expect(await iterator.next()).toEqual({ done: false, value: 0 });
    await actor[Symbol.asyncDispose]();
    expect(await rejection(iterator.next())).toBeInstanceOf(ExecutorShutdownError);
  });
});
