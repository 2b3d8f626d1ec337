import { inspect } from "node:util";
import { FunctionTravelError } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import { arrow, Store } from "../fixtures/actor-store.mjs";
import { forEachKind } from "./spawn.js";

const moduleUrl = new URL("../fixtures/actor-module.mjs", import.meta.url);

forEachKind(({ store, spawn }) => {
  it("keeps the state of an instance between calls", async () => {
    const actor = await store({}, { limit: 5 });
    expect(await actor.set("a", { list: [1, new Date(0)] })).toBe(1);
    expect(await actor.set("b", 2)).toBe(2);
    expect(await actor.get("a")).toEqual({ list: [1, new Date(0)] });
    expect(await actor.options).toEqual({ limit: 5 });
  });

  it("gives fields, getters and members of nested objects as promises", async () => {
    const actor = await store();
    await actor.set("a", 1);
    expect(await Promise.all([actor.version, actor.size, actor.nested.label, actor.nested.add(2, 3)])).toEqual([3, 1, "inner", 5]);
    expect(await actor.version.then((version: number) => version + 1)).toBe(4);
    expect(await actor.absent).toBe(undefined);
    expect(await actor.absent.member.catch((error: Error) => error.message)).toContain("absent is undefined");
  });

  it("a module can be an actor, with its functions, values, objects and classes", async () => {
    const actor = await spawn({}, moduleUrl);
    expect(await actor.increment()).toBe(1);
    expect(await actor.increment(4)).toBe(5);
    expect(await actor.version).toBe("1.0");
    expect(await actor.tools.double(4)).toBe(8);
    const counter = await new actor.Counter(10);
    expect(await counter.next()).toBe(11);
    expect(await counter.next()).toBe(12);
    expect(await counter.value).toBe(12);
  });

  it("runs the calls in the order in which they are made", async () => {
    const actor = await store();
    expect(await Promise.all(Array.from({ length: 50 }, (_, index) => actor.set(index, index)))).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it("a method can be stored, called, applied and bound", async () => {
    const { nested } = await store();
    const { add } = nested;
    expect([await add(1, 2), await add.call(null, 1, 2), await add.apply(null, [1, 2]), await add.bind(null, 1)(2)]).toEqual([3, 3, 3, 3]);
  });

  it("is no promise, and can be inspected", async () => {
    const actor = await store();
    expect(await actor).toBe(actor);
    expect(inspect({ actor, method: actor.set })).toBe("{ actor: [Remote object], method: [Remote set] }");
    expect(JSON.stringify({ actor })).toBe("{}");
  });

  it("the error for a missing method lists the existing ones", async () => {
    const actor = await store();
    const error = await rejection(actor.sett("a", 1));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/Store\.sett is not a function; there are .*\bset\b/);
    expect((await rejection(actor.set.then())).message).toContain("Store.set is a function");
  });

  it("refuses assignments", async () => {
    const actor = await store();
    expect(() => (actor.version = 4)).toThrow(/version cannot be set from here/);
    expect(() => delete actor.version).toThrow(/version cannot be deleted from here/);
    expect(await actor.version).toBe(3);
  });

  it("takes a class that no module exports by value, with what it captures", async () => {
    const step = 3;
    class Base {
      double(value: number) {
        return value * 2;
      }
    }
    class Local extends Base {
      #at: number;
      constructor(at: number) {
        super();
        this.#at = at;
      }
      next() {
        return (this.#at = this.double(this.#at) + step);
      }
    }
    const actor = await spawn({}, Local, 1);
    expect([await actor.next(), await actor.next()]).toEqual([5, 13]);
  });

  it("refuses a value that is neither a class nor a module, and a class that cannot travel", async () => {
    const socket = new WeakMap();
    class Local {
      get() {
        return socket;
      }
    }
    for (const wrong of [undefined, 7, {}, null]) expect(await rejection(spawn({}, wrong))).toMatchObject({ code: "ERR_OFFLOOP_INVALID_ARGUMENT" });
    expect(await rejection(spawn({}, "./db.js"))).toMatchObject({ option: "module" });
    const error = await rejection(spawn({}, Local));
    expect(error).toBeInstanceOf(FunctionTravelError);
    expect(error.message).toMatch(/^Local cannot travel to a worker: it captures Local \(.*members\.test\.ts:\d+:\d+\), which captures socket .*WeakMap/);
    expect((await rejection(spawn({}, arrow))).message).toContain("not a constructor");
  });

  it("has the given name", async () => {
    const actor = await spawn({ name: "the store" }, Store);
    expect((await rejection(actor.sett())).message).toContain("the store.sett");
  });
});
