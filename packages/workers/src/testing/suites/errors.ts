import { types } from "node:util";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, rejection } from "../harness.js";

export function errorsSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    for (const value of [null, undefined, 0, "text", { plain: true }]) {
      it(`rejects with a thrown ${String(value)} as it is`, async () => {
        expect(await rejection(make().submit(calls.throwsValue, value))).toEqual(value);
      });
    }

    it("passes on an error's class name, code, cause and own properties", async () => {
      const error = await rejection(make().submit(calls.throwsRenderError));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.constructor.name).toBe("RenderError");
      expect(error).toMatchObject({ name: "RenderError", message: "bad heading", code: "E_RENDER", document: { line: 3 } });
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.cause.message).toBe("root cause");
      expect(error.cause.cause).toBe("deepest");
    });

    it("passes on the errors of an AggregateError", async () => {
      const error = await rejection(make().submit(calls.throwsAggregate));
      expect(error).toBeInstanceOf(AggregateError);
      expect(error.errors.map((each: Error) => each.constructor.name)).toEqual(["TypeError", "RenderError"]);
      expect(error.errors[1].code).toBe("E_RENDER");
    });

    it("passes on a DOMException", async () => {
      const error = await rejection(make().submit(calls.throwsAbortError));
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name: "AbortError", message: "stopped" });
    });
  });

  suite(["workers"], ({ it, make }) => {
    it("shows the worker's frames and the caller's in one stack", async () => {
      const error = await rejection(make().submit(calls.throwsRenderError));
      expect(error.stack).toMatch(/at throwsRenderError .*fixtures[\\/]calls\./);
      expect(error.stack).toMatch(/suites[\\/]errors\./);
      expect(error.stack.search(/fixtures.calls\./)).toBeLessThan(error.stack.search(/suites.errors\./));
    });

    it("shows a caller in the stack of every call of a burst", async () => {
      const executor = make();
      const errors = await Promise.all(Array.from({ length: 500 }, () => rejection(executor.submit(calls.throwsRenderError))));
      for (const error of errors) {
        expect(error.stack).toMatch(/at throwsRenderError .*fixtures[\\/]calls\./);
        expect(error.stack).toMatch(/suites[\\/]errors\./);
      }
    });

    it("keeps the worker alive when a thrown value, or its cause, cannot be cloned", async () => {
      const executor = make();
      expect(await rejection(executor.submit(calls.throwsFunction))).toContain("could not be cloned");
      const error = await rejection(executor.submit(calls.returnsRejectedCause));
      expect(error.message).toBe("outer");
      expect((await rejection(executor.submit(calls.throwsRenderError))).socket).toContain("could not be cloned");
      expect(executor.stats()).toMatchObject({ workersStarted: 1, crashes: 0 });
    });

    it("makes genuine errors, which can be inspected and cloned", async () => {
      const error = await rejection(make().submit(calls.throwsRenderError));
      expect(types.isNativeError(error)).toBe(true);
      expect(structuredClone(error)).toBeInstanceOf(Error);
    });
  });
}
