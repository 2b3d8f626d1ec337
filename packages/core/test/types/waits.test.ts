// The types of waits for several. The type check verifies them; they do not run.
import { asCompleted, Event, type Future, Queue, race, wait, waitFor } from "@offloop/core";
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
