import { existsSync, readFileSync } from "node:fs";
import { CancelledError, InvalidOptionError, withSignal } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection, until } from "../contract/executors.js";
import { Stoppable } from "../fixtures/actor-store.mjs";
import { forEachKind } from "./spawn.js";

forEachKind(({ kind, store, spawn, file }) => {
  it("rejects a call at once when its signal fires, and gives the method the reason", async () => {
    const actor = await store();
    const begun = file("begun");
    const ended = file("ended");
    const controller = new AbortController();
    const call = withSignal(actor as any, controller.signal).waitsForSignal(begun, ended);
    await until(() => existsSync(begun));
    controller.abort(new RangeError("enough"));
    const error = await rejection(call);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error.cause).toMatchObject({ name: "RangeError", message: "enough" });
    expect(error.stack).toContain("cancel.test.ts");
    await until(() => existsSync(ended) && readFileSync(ended, "utf8") !== "");
    expect(readFileSync(ended, "utf8")).toBe("RangeError: enough");
    expect(await actor.version).toBe(3);
  });

  it("does not begin a call whose signal has fired", async () => {
    const actor = await store();
    expect(await rejection(withSignal(actor as any, AbortSignal.abort("early")).set("a", 1))).toMatchObject({ name: "CancelledError", cause: "early" });
    expect(await actor.size).toBe(0);
  });

  it("passes signals as arguments", async () => {
    const actor = await store();
    const begun = file("begun");
    const controller = new AbortController();
    const call = actor.waitsForSignal(begun, file("ended"), controller.signal);
    await until(() => existsSync(begun));
    controller.abort();
    expect(await call).toBe("ended");
    expect(await actor.waitsForSignal(begun, file("ended"), AbortSignal.abort())).toBe("ended");
  });

  it("keeps a signal that was an argument of the constructor", async () => {
    const controller = new AbortController();
    const actor = await spawn({}, Stoppable, controller.signal);
    expect(await actor.state()).toBe("running");
    controller.abort("stop");
    expect(await actor.state()).toBe("stop");
  });

  it("withSignal refuses a value that is no actor or no signal", async () => {
    const actor = await store();
    expect(() => withSignal({} as any, AbortSignal.abort())).toThrow(/withSignal\(\) takes an actor/);
    expect(() => withSignal(actor, {} as never)).toThrow(InvalidOptionError);
  });

  if (kind === "thread") {
    it("a cancellation is seen in the middle of synchronous code", async () => {
      const actor = await store();
      const begun = file("begun");
      const ended = file("ended");
      const controller = new AbortController();
      const call = withSignal(actor as any, controller.signal).spinsUntilCancelled(begun, ended);
      await until(() => existsSync(begun));
      controller.abort();
      expect(await rejection(call)).toBeInstanceOf(CancelledError);
      await until(() => existsSync(ended));
      expect(await actor.version).toBe(3);
    });
  }
});
