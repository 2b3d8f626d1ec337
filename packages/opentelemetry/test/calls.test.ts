import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import * as work from "./fixtures/work.mjs";
import { kinds, makePool, milliseconds, startTelemetry } from "./telemetry.js";

const setup = new URL("./fixtures/set-up-telemetry.mjs", import.meta.url);
const failed = (promise: PromiseLike<unknown>): Promise<any> => Promise.resolve(promise).then(() => expect.unreachable(), (error: unknown) => error);

describe.each(kinds)("%s", (kind) => {
  it("a call has a span with the name of its function, which ends with the call", async () => {
    const { spans } = startTelemetry();
    expect(await makePool(kind).submit(work.add, 1, 2)).toBe(3);
    const [span, ...others] = spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: "add",
      attributes: { "code.function.name": "add", "offloop.executor.kind": kind, "offloop.call.outcome": "fulfilled", "offloop.call.id": expect.any(Number), "offloop.worker.id": expect.any(Number) },
      status: { code: SpanStatusCode.UNSET },
      instrumentationScope: { name: "@offloop/opentelemetry", version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    });
    const times = [span!.startTime, ...span!.events.map(({ time }) => time), span!.endTime].map(milliseconds);
    expect(span!.events.map(({ name }) => name)).toEqual(["queued", "run"]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("the span is a child of the active one, and the parent of the worker's", async () => {
    const { spans, provider } = startTelemetry();
    const pool = makePool(kind, { setup });
    const outer = provider.getTracer("test").startSpan("outer");
    const inner = await context.with(trace.setSpan(context.active(), outer), () => pool.submit(work.inSpan));
    outer.end();
    const call = spans().find(({ name }) => name === "inSpan")!;
    expect(call.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
    expect(inner).toEqual({ traceId: outer.spanContext().traceId, spanId: expect.any(String), parentId: call.spanContext().spanId, active: true });
  });

  it("calls of one turn have spans of their own, and the caller's context stays as it was", async () => {
    const { spans, provider } = startTelemetry();
    const pool = makePool(kind, { setup });
    const outer = provider.getTracer("test").startSpan("outer");
    const answers = await context.with(trace.setSpan(context.active(), outer), () => {
      const calls = [pool.submit(work.inSpan), pool.submit(work.inSpan)];
      expect(trace.getSpan(context.active())).toBe(outer);
      return Promise.all(calls);
    });
    const calls = spans().map((span) => span.spanContext().spanId);
    expect(new Set(calls).size).toBe(2);
    expect(answers.map(({ parentId }: { parentId?: string }) => parentId).toSorted()).toEqual(calls.toSorted());
  });

  it("an error is recorded, with its status and type", async () => {
    const { spans } = startTelemetry();
    const pool = makePool(kind);
    await failed(pool.submit(work.refuses));
    await failed(pool.submit(work.throwsText));
    await failed(pool.submit(work.exits));
    const [refused, text, crashed] = spans();
    expect(refused).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: "no such thing" }, attributes: { "error.type": "ERR_NO_SUCH_THING", "offloop.call.outcome": "rejected" } });
    expect(refused!.events.at(-1)).toMatchObject({ name: "exception", attributes: { "exception.type": "ERR_NO_SUCH_THING", "exception.message": "no such thing", "exception.stacktrace": expect.stringContaining("work.mjs") } });
    expect(text).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: "only a text" }, attributes: { "error.type": "_OTHER" } });
    expect(crashed).toMatchObject({ status: { code: SpanStatusCode.ERROR }, attributes: { "error.type": "ERR_OFFLOOP_WORKER_CRASHED" } });
  });

  it("a cancelled call ends its span without an error, whether a worker had it or not", async () => {
    const { spans } = startTelemetry();
    const pool = makePool(kind);
    await pool.submit(work.add, 1, 1);
    const running = pool.submit(work.waits);
    const queued = pool.submit(work.add, 1, 1);
    queued.cancel();
    await failed(queued);
    running.cancel();
    await failed(running);
    const [, never, begun] = spans();
    for (const span of [never, begun]) expect(span).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { "offloop.call.outcome": "cancelled" } });
    expect(never!.attributes).not.toHaveProperty("error.type");
    expect(never!.events.map(({ name }) => name)).toEqual(["queued"]);
  });

  it("a call that runs again after a crash has one span, which says so", async () => {
    const { spans } = startTelemetry();
    await failed(makePool(kind).with({ retries: 1 }).submit(work.exits));
    const [span, ...others] = spans();
    expect(others).toEqual([]);
    expect(span!.events.filter(({ name }) => name === "requeued")).toMatchObject([{ attributes: { "offloop.call.crashes": 1 } }]);
  });

  it("streams, chunks of map() and broadcasts have spans", async () => {
    const { spans } = startTelemetry();
    const pool = makePool(kind, { setup });
    const items: number[] = [];
    for await (const item of pool.stream(work.counts, 3)) items.push(item);
    const mapped: unknown[] = [];
    for await (const value of pool.map(work.inSpan as (item: number) => Promise<unknown>, [1])) mapped.push(value);
    const [answer] = await pool.broadcast(work.inSpan);
    expect(items).toEqual([0, 1, 2]);
    expect(spans().map(({ name }) => name)).toEqual(["counts", "inSpan", "inSpan"]);
    expect([mapped[0], answer]).toMatchObject(spans().slice(1).map((span) => ({ parentId: span.spanContext().spanId })));
  });
});

it("while no call span is wanted, the context of the caller travels as before", async () => {
  const { provider, spans } = startTelemetry({ callSpans: false });
  const outer = provider.getTracer("test").startSpan("outer");
  const inner = await context.with(trace.setSpan(context.active(), outer), () => makePool("thread", { setup }).submit(work.inSpan));
  expect(inner.parentId).toBe(outer.spanContext().spanId);
  expect(spans()).toEqual([]);
});
