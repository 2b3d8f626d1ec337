import { AsyncLocalStorage } from "node:async_hooks";
import { propagate } from "@offloop/workers";
import { expect, it } from "vitest";
import { forEach, pools } from "../contract/executors.js";
import * as telemetry from "../fixtures/telemetry.mjs";

forEach(pools, ({ make }) => {
  it("a call belongs to the trace of its caller", async () => {
    const executor = make();
    expect(await telemetry.inSpan(() => executor.submit(telemetry.currentTrace))).toEqual({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      kept: true,
    });
    expect(await executor.submit(telemetry.currentTrace)).toEqual({ traceId: undefined, spanId: undefined, kept: true });
  });
});

it("refuses a value that is no storage, and a storage without a name", () => {
  expect(() => propagate({} as never, { name: "x" })).toThrow(/propagate\(\) takes an AsyncLocalStorage/);
  expect(() => propagate(new AsyncLocalStorage(), { name: "" })).toThrow(/name/);
});
