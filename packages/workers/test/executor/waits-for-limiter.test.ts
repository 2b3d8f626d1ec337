// A call whose limiter has no room is a waiting call: its queue deadline runs, its run deadline does not,
// and a cancellation settles it at once.
import { CallTimeoutError, CancelledError, InlineExecutor } from "@offloop/workers";
import { expect, it } from "vitest";
import { all, forEach, rejection, until } from "../contract/executors.js";
import { add, lasts } from "../fixtures/calls.mjs";

/** A limiter that has no room until `open` is called. */
function closed() {
  let open!: () => void;
  const room = new Promise<void>((resolve) => (open = resolve));
  return { acquired: 0, released: 0, open, acquire() { this.acquired += 1; return room; }, release() { this.released += 1; } };
}

forEach(all, ({ make }) => {
  it("times out in the queue, and releases the room that it gets later", async () => {
    const limiter = closed();
    const error = await rejection(make().with({ limiter, queueTimeoutMs: 5 }).submit(add, 1, 1));
    expect(error).toBeInstanceOf(CallTimeoutError);
    expect(error.message).toContain("queueTimeoutMs");
    limiter.open();
    await until(() => limiter.released === limiter.acquired);
  });

  it("is cancelled at once, also with onCancel: wait", async () => {
    const limiter = closed();
    const call = make().with({ limiter, onCancel: "wait" }).submit(add, 1, 1);
    await until(() => limiter.acquired === 1);
    call.cancel("enough");
    expect(await rejection(call)).toBeInstanceOf(CancelledError);
    limiter.open();
    await until(() => limiter.released === 1);
  });

  it("runs on after its queue deadline, once it has room", async () => {
    const limiter = { acquire: async () => {}, release() {} };
    const queueTimeoutMs = 500;
    const executor = make({ maxWorkers: 1 });
    await executor.submit(add, 1, 1); // a worker has started
    expect(await executor.with({ limiter, queueTimeoutMs }).submit(lasts, 2 * queueTimeoutMs)).toBe("lasted");
  });

  it("does not count the wait as run time", async () => {
    const limiter = closed();
    const runTimeoutMs = 500;
    const call = make().with({ limiter, runTimeoutMs }).submit(add, 1, 1);
    const waited = performance.now() + runTimeoutMs;
    await until(() => performance.now() > waited);
    limiter.open();
    expect(await call).toBe(2);
  });
});

it("ends an inline stream whose generator never yields when the consumer leaves", async () => {
  const executor = new InlineExecutor();
  let closedIt = 0;
  let asked!: () => void;
  const begun = new Promise<void>((resolve) => (asked = resolve));
  const source = { [Symbol.asyncIterator]: () => source, next: () => (asked(), new Promise<never>(() => {})), return: () => ((closedIt += 1), new Promise<never>(() => {})) };
  const stream = executor.stream(() => source);
  const pending = [stream.next(), stream.next()];
  await begun;
  expect(await stream.return!()).toMatchObject({ done: true });
  expect(await Promise.all(pending)).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }]);
  expect(closedIt).toBe(1);
  await until(() => executor.stats().running === 0);
  await executor.shutdown();
});

it("closes the iterator of an inline stream that arrives after the consumer has left", async () => {
  const executor = new InlineExecutor();
  let arrive!: (iterable: object) => void;
  const stream = executor.stream(() => new Promise<Iterable<number>>((resolve) => (arrive = resolve as typeof arrive)));
  const pending = stream.next();
  await until(() => arrive !== undefined);
  await stream.return!();
  expect(await pending).toEqual({ done: true, value: undefined });
  let returned = false;
  arrive({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => ((returned = true), { done: true, value: undefined }) }) });
  await until(() => returned);
});

it.each(["next() is pending", "the consumer does something else"])("a stream that is cancelled while %s gives its room back, and runs its finally blocks, also if nobody asks again", async (when) => {
  const limiter = { room: 1, acquire() { this.room -= 1; }, release() { this.room += 1; } };
  const abort = new AbortController();
  let left = false;
  const stream = new InlineExecutor().with({ limiter, signal: abort.signal }).stream(function* counts() {
    try {
      for (let value = 0; ; value += 1) yield value;
    } finally {
      left = true;
    }
  });
  expect(await stream.next()).toEqual({ done: false, value: 0 });
  const pending = when === "next() is pending" ? stream.next() : undefined;
  abort.abort();
  await pending?.catch(() => {});
  await until(() => limiter.room === 1 && left);
  expect(await rejection(stream.next())).toBeInstanceOf(CancelledError);
});
