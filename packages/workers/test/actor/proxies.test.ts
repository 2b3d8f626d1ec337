import { proxy } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection, until } from "../contract/executors.js";
import { forEachKind } from "./spawn.js";

class PartError extends RangeError {
  override name = "PartError";
  code = "E_PART";
}

forEachKind(({ store }) => {
  it("calls a callback while the method runs, and waits for it", async () => {
    const actor = await store();
    const parts: number[] = [];
    const sum = await actor.sum(
      [1, 2, 3],
      proxy(async (part: number) => {
        await new Promise(setImmediate);
        parts.push(part);
      }),
    );
    expect([sum, parts]).toEqual([6, [1, 3, 6]]);
  });

  it("the constructor can keep a callback and call it later", async () => {
    const changes: unknown[] = [];
    const actor = await store({}, {}, proxy((...change: unknown[]) => void changes.push(change)));
    await actor.set("a", 1);
    await actor.set("b", 2);
    await until(() => changes.length === 2);
    expect(changes).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("gives the actor what a callback returns, and the whole error that it throws", async () => {
    const actor = await store();
    expect(await actor.reportsError(proxy(async () => ({ fine: true })))).toEqual({ fine: true });
    const seen = await actor.reportsError(
      proxy(() => {
        throw new PartError("no part", { cause: new Error("why") });
      }),
    );
    expect(seen).toEqual({ name: "PartError", code: "E_PART", message: "no part", className: "PartError", cause: "why", rangeError: true });
    expect(await actor.reportsError(proxy(() => () => {}))).toMatchObject({ className: "CloneError" });
  });

  it("passes a frozen callback and an object with methods", async () => {
    const actor = await store();
    const counter = { count: 0, step() { return ++this.count; } };
    expect(await actor.holds(proxy(counter))).toBe("function");
    expect(await actor.held.step()).toBe(1);
    expect(counter.count).toBe(1);
    expect(await actor.reportsError(proxy(Object.freeze(() => 5)))).toBe(5);
  });

  it("proxy() refuses data, which is copied anyway", () => {
    expect(() => proxy(5 as never)).toThrow(TypeError);
  });

  it("gives remote objects for values that a method marks", async () => {
    const actor = await store();
    const first = await actor.cursor();
    const second = await actor.cursor();
    expect([await first.step(), await first.step(), await second.step()]).toEqual([1, 2, 1]);
    expect(await rejection(first.fails())).toMatchObject({ name: "StoreError", code: "E_STORE" });
    const pending = first.step();
    first[Symbol.dispose]();
    expect((await rejection(first.step())).message).toContain("released");
    expect(await pending).toBe(3);
    expect(await second.step()).toBe(2);
  });

  it("an actor gets its own object back", async () => {
    const actor = await store();
    const cursor = await actor.cursor();
    await actor.isSame(null, cursor);
    expect(await actor.isSame(null, cursor)).toBe(true);
    const self = await actor.self();
    await self.set("a", 1);
    expect(await actor.size).toBe(1);
  });

  it("a refused call leaves no object exposed", async () => {
    const actor = await store();
    let called = 0;
    const callback = proxy(() => called++);
    expect(await rejection(actor.sum([() => {}], callback))).toMatchObject({ path: "args[0][0]" });
    expect(await actor.reportsError(callback)).toBe(0);
    expect(called).toBe(1);
  });
});
