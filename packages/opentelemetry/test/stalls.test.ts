import { publishStall, stallOf } from "./stall.js";
import { startWatchdog, type Stall } from "@offloop/watchdog";
import { context, trace } from "@opentelemetry/api";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { holdLoop } from "./fixtures/hold.mjs";
import { milliseconds, startTelemetry } from "./telemetry.js";

it("a stall has a span of its own trace, with its place and its true times", async () => {
  const { spans, provider } = startTelemetry();
  const stalls: Stall[] = [];
  const watchdog = startWatchdog({ thresholdMs: 50, report: "silent", onStall: (stall) => void stalls.push(stall) });
  await watchdog.ready();
  const outer = trace.setSpan(context.active(), provider.getTracer("test").startSpan("outer"));
  const found = (): Stall | undefined => stalls.find(({ place }) => place?.function === "holdLoop");
  let began = 0;
  // A stall in which the process got no CPU has no place: once more.
  while (found() === undefined) {
    began = Date.now();
    context.with(outer, () => holdLoop(300));
    await watchdog.flush();
  }
  const ended = Date.now();
  await watchdog.stop();

  const stall = found()!;
  const span = spans().find(({ attributes }) => attributes["code.function.name"] === "holdLoop")!;
  expect(span).toMatchObject({
    name: "event loop stall",
    attributes: {
      "code.function.name": "holdLoop",
      "code.file.path": fileURLToPath(new URL("./fixtures/hold.mjs", import.meta.url)),
      "code.line.number": stall.place!.line,
      "code.column.number": stall.place!.column,
      "code.stacktrace": expect.stringMatching(/^ {4}at (.*\n {4}at )*holdLoop \(.*hold\.mjs:\d+:\d+\)\n {4}at /),
      "offloop.stall.kind": stall.kind,
      "offloop.stall.phase": "running",
      "offloop.stall.fix": stall.fix,
    },
  });
  expect(span.parentSpanContext).toBeUndefined();
  expect(milliseconds(span.startTime)).toBeCloseTo(stall.startedAt, 1);
  expect(milliseconds(span.duration)).toBeCloseTo(stall.durationMs, 1);
  // The watchdog knows the times of a stall to a tick of its heartbeat.
  expect(milliseconds(span.startTime)).toBeGreaterThan(began - 100);
  expect(milliseconds(span.endTime)).toBeLessThan(ended + 100);
});

it("a stall without a place, and one at the top of a module, lack what is not known", () => {
  const { spans } = startTelemetry();
  publishStall(stallOf({ place: undefined, stack: [], kind: "starved" }));
  publishStall(stallOf({ place: { file: "/app/main.mjs", line: 3, column: 7, function: "" } }));
  expect(Object.keys(spans()[0]!.attributes).filter((key) => key.startsWith("code."))).toEqual([]);
  expect(spans()[1]!.attributes).toMatchObject({ "code.file.path": "/app/main.mjs", "code.line.number": 3, "code.stacktrace": "    at /app/main.mjs:3:7" });
  expect(spans()[1]!.attributes).not.toHaveProperty("code.function.name");
});

it("a hook adds to the span of a stall, and a stall can be left out", () => {
  const { spans } = startTelemetry({ ignoreStall: ({ kind }) => kind === "starved", stallHook: (span, { count }) => void span.setAttribute("times", count) });
  publishStall(stallOf({ kind: "starved" }));
  publishStall(stallOf({ count: 7 }));
  expect(spans().map(({ attributes }) => attributes["times"])).toEqual([7]);
});
