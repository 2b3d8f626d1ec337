// A task of an actor that uses the line to its owner: its actor ends, and its calls are told. The owner goes on, and nothing
// of it was reached but what was passed.
import { proxy } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import { Intruder, uses } from "../fixtures/writes-to-socket.mjs";
import { forEachKind } from "./spawn.js";

forEachKind(({ kind, spawn }) => {
  if (kind === "process") {
    it.runIf(process.platform === "linux").each(Object.keys(uses))("ends the actor whose task %s all descriptors", async (how) => {
      const [actor, neighbour] = await Promise.all([spawn({}, Intruder), spawn({}, Intruder)]);
      const [used, ...others] = await Promise.allSettled([actor.usesDescriptors(how), actor.add(1, 1), actor.add(2, 2)]);
      expect(used).toMatchObject({ status: "rejected", reason: { code: "ERR_OFFLOOP_WORKER_CRASHED" } });
      for (const [index, each] of others.entries()) if (each.status === "fulfilled") expect(each.value).toBe((index + 1) * 2);
      expect(await neighbour.add(3, 3)).toBe(6);
    });
    it.skipIf(process.platform === "win32")("ends the actor whose task reads from its socket", async () => {
      const actor = await spawn({}, Intruder);
      expect(await rejection(actor.readsItsAnswer(1, 65_536, proxy((length: number) => "a".repeat(length))))).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED" });
    });
  } else {
    it.each([null, 5, "text", "unreadable", {}, { endpoint: 1 }, { endpoint: 1, data: null }, { endpoint: 1, data: { id: "x", type: "SET", path: ["__proto__", "climbed"], value: { type: "RAW", value: 1 } } }])("ends the actor whose thread sends %j", async (message) => {
      const actor = await spawn({}, Intruder);
      expect(await rejection(actor.garbles(message))).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED" });
    });
  }

  it("gives an actor only members of what it is passed", async () => {
    const actor = await spawn({}, Intruder);
    const callback = proxy((text: string) => text);
    const object = proxy(new (class Greeter { greet(name: string): string { return `hello ${name}`; } })());
    for (const way of ["Function", "new Function", "by an object", "by a method", "by the prototype", "call", "defineGetter"]) {
      expect(await rejection(actor.climbs(callback, object, way)), way).toMatchObject({ name: "TypeError", message: expect.stringContaining("belongs to the platform") });
    }
    expect((globalThis as { climbed?: true }).climbed).toBeUndefined();
    expect(await actor.climbs(callback, object, "own")).toBe("hello own");
  });
});
