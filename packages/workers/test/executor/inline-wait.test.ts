// Calls of an inline executor that do not end when they are cancelled, with the option onCancel: "wait".
import { CancelledError, InlineExecutor } from "@offloop/workers";
import { expect, it } from "vitest";
import { rejection, until } from "../contract/executors.js";

const never = (): Promise<never> => new Promise(() => {});

it.each([false, true])("shutdown() ends such a call at its timeoutMs (cancelPending: %s)", async (cancelPending) => {
  const executor = new InlineExecutor();
  const call = executor.with({ onCancel: "wait" }).submit(never);
  const failed = rejection(call);
  await executor.shutdown({ cancelPending, timeoutMs: 0 });
  expect(await failed).toBeInstanceOf(CancelledError);
  expect(executor.stats()).toMatchObject({ running: 0, cancelled: 1 });
});

it("a cancelled stream ends, though nobody asks for an item, and gives its room back", async () => {
  const executor = new InlineExecutor();
  const limiter = { held: 0, acquire: async () => void (limiter.held += 1), release: () => void (limiter.held -= 1) };
  const abort = new AbortController();
  let closed = 0;
  function* counts() {
    try {
      for (let count = 0; ; count += 1) yield count;
    } finally {
      closed += 1;
    }
  }
  const stream = executor.with({ limiter, onCancel: "wait", signal: abort.signal }).stream(counts);
  expect(await stream.next()).toEqual({ done: false, value: 0 });
  abort.abort("enough");
  await until(() => executor.stats().running === 0 && limiter.held === 0);
  expect(await rejection(stream.next())).toBeInstanceOf(CancelledError);
  expect([closed, await stream.next()]).toEqual([1, { done: true, value: undefined }]);
});
