import { CloneError } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import { forEachKind } from "./spawn.js";

forEachKind(({ kind, store }) => {
  it("keeps class, base, code, own properties, causes and both stacks of an error", async () => {
    const actor = await store();
    const error = await rejection(actor.get("zz"));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.constructor.name).toBe("StoreError");
    expect(error).toMatchObject({ name: "StoreError", code: "E_STORE", key: "zz", message: "there is no zz" });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause.cause).toBe("deep");
    expect(error.stack).toContain("actor-store.mjs");
    expect(error.stack).toMatch(/called from[^]*errors\.test\.ts/);
  });

  it("passes on a thrown value that is no error", async () => {
    const actor = await store();
    for (const thrown of [null, undefined, 0, "text", { code: 1 }]) {
      const outcome = await actor.throws(thrown).then(
        () => "fulfilled",
        (error: unknown) => ({ error }),
      );
      expect(outcome).toEqual({ error: thrown });
    }
  });

  it("refuses an argument that cannot be copied, with its path, and continues", async () => {
    const actor = await store();
    const error = await rejection(actor.set("a", { list: [1, { socket: () => {} }] }));
    expect(error).toBeInstanceOf(CloneError);
    expect(error.path).toBe("args[1].list[1].socket");
    expect(error.message).toContain("proxy(fn)");
    expect(error.stack).toContain("errors.test.ts");
    expect(await actor.set("a", 1)).toBe(1);
  });

  it("refuses a result that cannot be copied, with its path, and continues", async () => {
    const actor = await store();
    const error = await rejection(actor.uncloneable());
    expect(error).toMatchObject({ name: "CloneError", code: "ERR_OFFLOOP_CLONE", path: "result.deep.handle" });
    expect(error.message).toContain("Store.uncloneable");
    expect(await actor.version).toBe(3);
  });

  it("output of the actor disturbs no call", async () => {
    const actor = await store();
    await actor.prints('{"endpoint":2,"closed":true}');
    expect(await actor.version).toBe(3);
  });

  if (kind === "thread") {
    it("moves marked buffers in both directions", async () => {
      const { transfer } = await import("@offloop/workers");
      const actor = await store();
      const bytes = new Uint8Array(1024).fill(7);
      const { length, bytes: back } = await actor.byteLengthAndBack(transfer(bytes, [bytes.buffer]));
      expect([length, bytes.byteLength, back[1023]]).toEqual([1024, 0, 7]);
    });
  } else {
    it("copies marked buffers for a process", async () => {
      const { transfer } = await import("@offloop/workers");
      const actor = await store();
      const bytes = new Uint8Array(1024).fill(7);
      const { length, bytes: back } = await actor.byteLengthAndBack(transfer(bytes, [bytes.buffer]));
      expect([length, bytes.byteLength, back[1023]]).toEqual([1024, 1024, 7]);
    });
  }
});
