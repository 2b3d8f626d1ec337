// The types of waits for several. The type check verifies them; they do not run.
import { asCompleted, Event, type Future, Queue, race, wait, waitFor } from "@offloop/core";
import { type CallFuture, ThreadPoolExecutor } from "@offloop/workers";
import { expectTypeOf, it } from "vitest";

it("wait, asCompleted and race take awaitables of several types", () => {
  const calls = async () => {
    const queue = new Queue<number>();
    const stop = new Event();
    const { done } = await wait([queue.get(), stop.wait(), async () => "text"]);
    expectTypeOf(done).toEqualTypeOf<Set<Future<string | number | true>>>();
    for await (const future of asCompleted([queue.get(), stop.wait()])) expectTypeOf(future.result()).toEqualTypeOf<number | true>();
    expectTypeOf(await waitFor(queue.get(), 20)).toEqualTypeOf<number>();
    expectTypeOf(await race([queue.get(), stop.wait()])).toEqualTypeOf<number | true>();
  };
  expectTypeOf(calls).toBeFunction();
});

it("wait and asCompleted give calls of executors back as such", () => {
  const calls = async () => {
    const pool = new ThreadPoolExecutor();
    const text = (): string => "text";
    const { done, pending } = await wait([pool.submit(text)]);
    expectTypeOf(done).toEqualTypeOf<Set<CallFuture<string>>>();
    expectTypeOf([...pending].map((call) => call.cancel())).toEqualTypeOf<boolean[]>();
    const mixed = await wait([pool.submit(text), () => 1]);
    expectTypeOf([...mixed.done].map((future) => future.result())).toEqualTypeOf<(string | number)[]>();
    for await (const call of asCompleted([pool.submit(text)])) expectTypeOf(call.result()).toEqualTypeOf<string>();
  };
  expectTypeOf(calls).toBeFunction();
});
