// The times in the events and statistics of a call are measured where the call runs, not when its messages arrive.
import { AsyncLocalStorage } from "node:async_hooks";
import { type CallSentEvent, type CallSettledEvent, channels, InlineExecutor, propagate, ThreadPoolExecutor } from "@offloop/workers";
import { expect, it, onTestFinished } from "vitest";
import { on } from "../channel-listeners.js";
import { all, forEach, pools, rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";
import * as traced from "../fixtures/traced.mjs";

/** The settled events from now on. */
function settled(): CallSettledEvent[] {
  const events: CallSettledEvent[] = [];
  on<CallSettledEvent>(channels.callSettled.name, (event) => events.push(event));
  return events;
}

function blockFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

forEach(pools, ({ make }) => {
  it("tells how long each call waited and ran, though the caller is blocked when they end", async () => {
    const executor = make({ maxWorkers: 1 });
    await executor.submit(calls.add, 1, 1);
    const events = settled();
    const first = executor.submit(traced.spins, 60);
    const second = executor.submit(traced.spins, 20);
    await new Promise((resolve) => setImmediate(resolve));
    blockFor(300);
    await Promise.all([first, second]);
    const [one, two] = events as [CallSettledEvent, CallSettledEvent];
    expect(one.runMs).toBeGreaterThanOrEqual(60);
    expect(two.runMs).toBeGreaterThanOrEqual(20);
    // The second call began when the first one had ended.
    expect(two.queuedMs).toBeGreaterThanOrEqual(60);
    const { wait, run } = executor.stats();
    expect(run.count).toBe(3);
    expect(run.totalMs).toBeGreaterThanOrEqual(one.runMs! + two.runMs! - 0.001);
    expect(run.longestMs).toBeGreaterThanOrEqual(one.runMs!);
    expect(wait).toMatchObject({ count: 2, longestMs: two.queuedMs });
    await executor.shutdown();
  });

  it("tells no run time of a call that never began", async () => {
    const executor = make({ maxWorkers: 1 });
    await executor.submit(calls.add, 1, 1);
    const events = settled();
    const running = executor.submit(traced.spins, 50);
    const waiting = executor.submit(calls.add, 1, 1);
    waiting.cancel("no longer needed");
    await rejection(waiting);
    await running;
    expect(events[0]).toMatchObject({ outcome: "cancelled", runMs: undefined, host: undefined });
    expect(events[0]!.queuedMs).toBeGreaterThanOrEqual(0);
    await executor.shutdown();
  });

  it("tells no times of a call that was submitted before anybody subscribed", async () => {
    const executor = make({ maxWorkers: 1 });
    const call = executor.submit(calls.add, 1, 1);
    const events: CallSettledEvent[] = [];
    const stop = on<CallSettledEvent>(channels.callSettled.name, (event) => events.push(event));
    await call;
    expect(events[0]).toMatchObject({ outcome: "fulfilled", queuedMs: undefined, runMs: undefined });
    expect(executor.stats().wait.count).toBe(0);
    await executor.submit(calls.add, 1, 1);
    stop();
    await executor.submit(calls.add, 1, 1);
    expect(executor.stats().wait.count).toBe(2); // stats() was asked for
    await executor.shutdown();
  });

  it("has the share of the time in which its workers had a call", async () => {
    const executor = make({ maxWorkers: 1 });
    expect(executor.stats().utilization).toBe(0);
    await executor.submit(traced.spins, 50);
    const { utilization } = executor.stats();
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThanOrEqual(1);
    await executor.shutdown();
  });

  it("tells the times of streams and of chunks", async () => {
    const executor = make({ maxWorkers: 1 });
    const events = settled();
    for await (const item of executor.stream(traced.countsTo, 3)) void item;
    for await (const item of executor.map(traced.square, [1, 2, 3])) void item;
    expect(events.length).toBeGreaterThanOrEqual(2);
    for (const { queuedMs, runMs } of events) {
      expect(queuedMs).toBeGreaterThanOrEqual(0);
      expect(runMs).toBeGreaterThanOrEqual(0);
    }
    await executor.shutdown();
  });
});

it("tells of a call that ended its thread how long it had run", async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const events = settled();
  await rejection(executor.with({ runTimeoutMs: 50, graceMs: 0 }).submit(traced.spins, 10_000));
  expect(events[0]!.runMs).toBeGreaterThanOrEqual(45);
  await executor.shutdown();
});

it("tells the times of an inline call, which waits for its limiter", async () => {
  const executor = new InlineExecutor();
  const events = settled();
  const sent: CallSentEvent[] = [];
  on<CallSentEvent>(channels.callSent.name, (event) => sent.push(event));
  let giveRoom!: () => void;
  const limiter = { acquire: () => new Promise<void>((resolve) => (giveRoom = resolve)), release: () => {} };
  const call = executor.with({ limiter }).submit(traced.spins, 20);
  blockFor(30);
  giveRoom();
  await call;
  expect(sent[0]).toMatchObject({ executor: "inline", callName: "spins", workerId: 0 });
  expect(events[0]!.queuedMs).toBeGreaterThanOrEqual(30);
  expect(events[0]!.runMs).toBeGreaterThanOrEqual(20);
  expect(executor.stats()).toMatchObject({ wait: { count: 1 }, run: { count: 1 } });
});

forEach(all, ({ make }) => {
  for (const how of ["enterWith", "bindStore"] as const) {
    it(`carries to a worker what a subscriber of the submission has put into the context, by ${how}`, async () => {
      const executor = make();
      if (how === "enterWith") on<{ callId: number }>(channels.callSubmitted.name, ({ callId }) => traced.span.enterWith(`call ${callId} of ${traced.span.getStore()}`));
      else {
        const channel = (await import("node:diagnostics_channel")).channel(channels.callSubmitted.name);
        channel.bindStore(traced.span, (event) => `call ${(event as { callId: number }).callId} of ${traced.span.getStore()}`);
        onTestFinished(() => void channel.unbindStore(traced.span));
      }
      const ids: number[] = [];
      on<{ callId: number; callName: string }>(channels.callSubmitted.name, ({ callId, callName }) => callName === "currentSpan" && ids.push(callId));
      await traced.span.run("request", async () => {
        const seen = executor.submit(traced.currentSpan);
        expect(traced.span.getStore()).toBe("request"); // the caller goes on in its own
        expect(await seen).toBe(`call ${ids[0]} of request`);
        expect(traced.span.getStore()).toBe("request");
      });
      await executor.shutdown();
    });
  }
});

it("publishes that a call whose context cannot be captured was rejected", async () => {
  const broken = new AsyncLocalStorage<string>();
  propagate(broken, { name: "test.broken", encode: (value) => { throw new Error(`cannot encode ${value}`); } });
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const events = settled();
  on(channels.callSubmitted.name, () => {});
  await broken.run("this", async () => expect(String(await rejection(executor.submit(calls.add, 1, 1)))).toContain("cannot encode this"));
  expect(events).toMatchObject([{ callName: "add", outcome: "rejected", queuedMs: 0 }]);
  await executor.shutdown();
});

