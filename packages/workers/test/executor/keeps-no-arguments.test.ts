// Calls that have timed out or were cancelled while they waited keep their arguments no longer, though what they wait for
// still lasts.
import { InlineExecutor, withSignal } from "@offloop/workers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { forEach, pools, until } from "../contract/executors.js";
import { forEachKind } from "../actor/spawn.js";
import { untilSignalled } from "../fixtures/writes-to-socket.mjs";
import { add } from "../fixtures/calls.mjs";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Makes calls with an argument each, and waits until the arguments can be collected, though the futures are kept. One may live on in a register. */
async function expectNoArguments(call: (argument: object, signal: AbortSignal) => PromiseLike<unknown>): Promise<void> {
  const abort = new AbortController();
  const futures: PromiseLike<unknown>[] = [];
  const make = (): WeakRef<object> => {
    const argument = { bytes: new Uint8Array(1_000) };
    const future = call(argument, abort.signal);
    future.then(undefined, () => {});
    futures.push(future);
    return new WeakRef(argument);
  };
  const refs = Array.from({ length: 20 }, make);
  abort.abort();
  await until(() => {
    collectGarbage();
    return refs.filter((ref) => ref.deref() !== undefined).length <= 1;
  });
  expect(futures).toHaveLength(refs.length);
}

const ways = ["a deadline", "a signal"] as const;

forEach(pools, ({ make }) => {
  it.each(ways)("behind a running call, after %s", async (way) => {
    const executor = make({ maxWorkers: 1 });
    const running = executor.submit(untilSignalled);
    await expectNoArguments((argument, signal) => executor.with(way === "a signal" ? { signal } : { queueTimeoutMs: 1 }).submit(add, argument as never, 1));
    running.cancel("enough");
    await running.catch(() => {});
  });
});

it.each(ways)("of an inline executor behind a limiter, after %s", async (way) => {
  const waiting: (() => void)[] = [];
  const limiter = { acquire: () => new Promise<void>((resolve) => waiting.push(resolve)), release() {} };
  await expectNoArguments((argument, signal) => new InlineExecutor().with({ limiter, ...(way === "a signal" ? { signal } : { queueTimeoutMs: 1 }) }).submit(add, argument as never, 1));
  for (const resolve of waiting) resolve();
});

class Stuck {
  waits(_argument: object): Promise<never> {
    return new Promise(() => {});
  }
}

forEachKind(({ spawn }) => {
  it("of an actor that does not answer, after a signal", async () => {
    const actor = await spawn({}, Stuck);
    await expectNoArguments((argument, signal) => withSignal(actor, signal).waits(argument));
  });
});
