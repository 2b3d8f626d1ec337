import { channel } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { diag } from "@opentelemetry/api";
import { stallChannels } from "@offloop/watchdog";
import { channels } from "@offloop/workers";
import { OffloopInstrumentation } from "@offloop/opentelemetry";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { afterEach, expect, it, vi } from "vitest";
import * as work from "./fixtures/work.mjs";
import { publishStall, stallOf } from "./stall.js";
import { makePool, startTelemetry } from "./telemetry.js";

const heard = (): string[] => [...Object.values(channels).map(({ name }) => name), ...Object.values(stallChannels)].filter((name) => channel(name).hasSubscribers);
afterEach(() => diag.disable());

it("listens to no channel while it is off", () => {
  const { instrumentation } = startTelemetry();
  expect(heard()).toContain("offloop:call:settled");
  expect(heard()).toContain("offloop:stall:end");
  instrumentation.disable();
  expect(heard()).toEqual([]);
  expect(instrumentation.isEnabled()).toBe(false);
  instrumentation.disable();
  instrumentation.enable();
  instrumentation.enable();
  instrumentation.disable();
  expect(heard()).toEqual([]);
  new OffloopInstrumentation({ enabled: false });
  expect(heard()).toEqual([]);
});

it("listens only to what its configuration needs", () => {
  const { instrumentation } = startTelemetry({ metrics: false, callSpans: false });
  expect(heard()).toEqual(["offloop:stall:end"]);
  instrumentation.setConfig({ metrics: false, stallSpans: false });
  expect(heard()).toEqual(["offloop:call:submitted", "offloop:call:sent", "offloop:call:requeued", "offloop:call:settled"]);
});

it("is registered and ended as other instrumentations are", () => {
  const end = registerInstrumentations({ instrumentations: [new OffloopInstrumentation()] });
  expect(heard()).toContain("offloop:call:settled");
  end();
  expect(heard()).toEqual([]);
});

it("is the same class for require()", () => {
  const required = createRequire(import.meta.url)("@offloop/opentelemetry") as { OffloopInstrumentation: unknown };
  expect(required.OffloopInstrumentation).toBe(OffloopInstrumentation);
});

it("ends the spans of calls that have not settled when it is disabled", async () => {
  const { instrumentation, spans } = startTelemetry();
  const call = makePool("thread").submit(work.waits);
  instrumentation.disable();
  expect(spans().map(({ name, ended, attributes }) => [name, ended, attributes["offloop.call.outcome"]])).toEqual([["waits", true, undefined]]);
  call.cancel();
  await expect(call).rejects.toThrow();
  expect(spans()).toHaveLength(1);
});

it("keeps the open spans when its configuration changes", async () => {
  const { instrumentation, spans } = startTelemetry();
  const call = makePool("thread").submit(work.add, 1, 1);
  instrumentation.setConfig({ responseHook: (span, { outcome }) => void span.setAttribute("seen", outcome) });
  await call;
  expect(spans().map(({ attributes }) => attributes["seen"])).toEqual(["fulfilled"]);
});

it("calls the hooks with the span and the event, and leaves out what is ignored", async () => {
  const { spans } = startTelemetry({
    ignoreCall: ({ callName }) => callName === "ignored",
    requestHook: (span, { executor }) => void span.setAttribute("request", executor),
    responseHook: (span, { outcome }) => void span.setAttribute("response", outcome),
  });
  const pool = makePool("thread");
  await pool.with({ name: "ignored" }).submit(work.add, 1, 1);
  await pool.submit(work.add, 1, 1);
  expect(spans().map(({ name, attributes }) => [name, attributes["request"], attributes["response"]])).toEqual([["add", "thread", "fulfilled"]]);
});

it("makes spans inside other spans only, if asked to", async () => {
  const { spans, provider } = startTelemetry({ requireParentSpan: true });
  const pool = makePool("thread");
  await pool.submit(work.add, 1, 1);
  expect(spans()).toEqual([]);
  await provider.getTracer("test").startActiveSpan("outer", async () => pool.submit(work.add, 1, 1));
  expect(spans().map(({ name }) => name)).toEqual(["add"]);
});

it("a hook that throws is logged and changes nothing", async () => {
  const none = (): void => {};
  const error = vi.fn<(...parts: unknown[]) => void>();
  diag.setLogger({ error, warn: none, info: none, debug: none, verbose: none });
  const bad = (): never => {
    throw new Error("bad hook");
  };
  const { spans } = startTelemetry({ ignoreCall: bad, ignoreStall: bad, requestHook: bad, responseHook: bad, stallHook: bad });
  expect(await makePool("thread").submit(work.add, 1, 2)).toBe(3);
  publishStall(stallOf({}));
  expect(spans().map(({ name }) => name)).toEqual(["add", "event loop stall"]);
  expect(error.mock.calls.map(([, text]) => text)).toEqual(["ignoreCall threw", "requestHook threw", "responseHook threw", "ignoreStall threw", "stallHook threw"]);
});

it.each([
  [{ metric: true }, "unknown option `metric` of new OffloopInstrumentation(); did you mean `metrics`?"],
  [{ metrics: "off" }, 'metrics of new OffloopInstrumentation() takes true or false; got "off".'],
  [{ requestHook: 1 }, "requestHook of new OffloopInstrumentation() takes a function; got 1."],
])("refuses %j", (config, message) => {
  expect(() => new OffloopInstrumentation(config as never)).toThrow(message);
  expect(heard()).toEqual([]);
});
