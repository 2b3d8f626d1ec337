// A value between an actor and its owner arrives unchanged, or its call rejects and the actor continues.
import { proxy, transfer } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import { chain, lengthOf } from "../fixtures/values.mjs";
import { forEachKind } from "./spawn.js";

const module = new URL("../fixtures/actor-values.mjs", import.meta.url);

forEachKind(({ kind, spawn }) => {
  it("rejects the call whose result or argument is nested too deep, says how deep, and answers the next", async () => {
    const actor = await spawn({ kind }, module);
    expect(await rejection(actor.chain(5_000))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringContaining("result.next"), message: expect.stringContaining("5,000 levels") });
    expect(await rejection(actor.chain(50_000))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", message: expect.stringContaining("50,000 levels") });
    expect(await rejection(actor.lengthOf(chain(50_000)))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringContaining("args[0].next"), message: expect.stringContaining("50,000 levels") });
    expect(lengthOf(await actor.chain(1_000))).toBe(1_000);
    expect(await actor.lengthOf(chain(1_000))).toBe(1_000);
  });

  it("ends an iteration whose item is nested too deep with the error", async () => {
    const actor = await spawn({ kind }, module);
    const items: unknown[] = [];
    expect(await rejection((async () => { for await (const item of await actor.yieldsChains([1, 5_000, 1])) items.push(item); })())).toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
    expect(items).toHaveLength(1);
  });

  it("carries errors that are values or thrown, Buffers, and objects of the platform", async () => {
    const actor = await spawn({ kind }, module);
    const { failures, self } = await actor.returnsErrors();
    expect(failures[0]).toBeInstanceOf(TypeError);
    expect(failures[1].cause).toBe(failures[0]);
    expect(self.errors[0]).toBe(self);
    const thrown = await rejection(actor.throwsChain(5_000));
    expect(lengthOf(thrown.chain)).toBe(5_000);
    const buffer = Buffer.from("abc");
    expect(await actor.namesOf(buffer, { deep: [buffer, new Uint8Array(1)] }, new Map([["k", buffer]]), Buffer.alloc(300_000))).toEqual(["Buffer", "Buffer,Uint8Array", "Buffer", "Buffer"]);
    expect(Buffer.isBuffer((await actor.returnsBuffers()).list[0])).toBe(true);
    expect((await actor.identity({ at: [new URL("http://a/b")] })).at[0].href).toBe("http://a/b");
  });

  it("refuses a value that would not arrive, with its path, and keeps proxies and marks beside it", async () => {
    const actor = await spawn({ kind }, module);
    expect(await rejection(actor.second(proxy(() => 1), { user: [new FormData()] }))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "args[1].user[0]" });
    expect(await rejection(actor.returnsUnsendable("a WeakMap"))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "result.user[0]" });
    const bytes = new Uint8Array(8);
    expect((await actor.identity(transfer(bytes, [bytes.buffer]))).length).toBe(8);
  });
});
