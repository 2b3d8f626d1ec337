// callsOf(), for hosts: calls with resolved options, on an executor or on a view of one.
import { ThreadPoolExecutor } from "@offloop/workers";
import { callsOf, nameOfCallee, resolveCallOptions } from "@offloop/workers/pool";
import { expect, it } from "vitest";
import { add, counts, identity } from "../fixtures/calls.mjs";

it("makes calls, chunks, streams and broadcasts, with their options", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  await pool.warmUp();
  const calls = callsOf(pool);
  const options = resolveCallOptions({ name: nameOfCallee(add) });
  expect(calls).toBe(pool);
  expect(calls.parallelism).toBe(2);
  expect(calls.chunkMs).toBeGreaterThan(0);
  await calls.whenReady(options);
  expect(await calls.call(options, add, [1, 2])).toBe(3);
  expect(await calls.callChunk(options, identity, ["a", "b", "c"])).toMatchObject({ values: ["a", "b", "c"] });
  expect(await Promise.all(await calls.callEach(options, add, [1, 2]))).toEqual([3, 3]);
  const items: unknown[] = [];
  for await (const item of calls.callStream(options, counts, [3])) items.push(item);
  expect(items).toEqual([0, 1, 2]);
});
