// Inline functions with captured variables, through every way to make calls, over threads and processes.
import { afterAll, describe, expect, it } from "vitest";
import { FunctionTravelError, ProcessPoolExecutor, ThreadPoolExecutor } from "#workers/index.js";

describe.each([
  ["threads", new ThreadPoolExecutor({ maxWorkers: 2 })],
  ["processes", new ProcessPoolExecutor({ maxWorkers: 2 })],
])("over %s", (_kind, pool) => {
  afterAll(() => pool.shutdown());
  const table = new Map([["two", { value: 2n, bytes: Buffer.from("2") }]]);
  const scale = (x: number): number => x * 10;

  it("submit sees the captured values", async () => {
    const key = "two";
    const call = pool.submit((x: number) => [table.get(key)?.value, table.get(key)?.bytes.toString(), scale(x)], 3);
    expect(await call).toEqual([2n, "2", 30]);
  });

  it("map gives each item the captured values of its moment", async () => {
    let factor = 2;
    const results: number[] = [];
    for await (const each of pool.map((x: number) => scale(x) * factor, [1, 2, 3], { chunkSize: 2 })) results.push(each);
    expect(results).toEqual([20, 40, 60]);
    factor = 3;
    expect(await pool.submit(() => factor)).toBe(3);
  });

  it("stream takes an inline generator", async () => {
    const until = 3;
    const items: number[] = [];
    const source = pool.stream(function* (from: number) {
      for (let i = from; i < until; i++) yield scale(i);
    }, 1);
    for await (const item of source) items.push(item);
    expect(items).toEqual([10, 20]);
  });

  it("broadcast takes an inline function", async () => {
    await pool.warmUp(2);
    const word = "here";
    expect(await pool.broadcast(() => word)).toEqual(["here", "here"]);
  });

  it("a function that cannot travel rejects its call, and no other", async () => {
    const cache = new WeakMap<object, number>();
    await expect(pool.submit((key: object) => cache.get(key), {})).rejects.toBeInstanceOf(FunctionTravelError);
    expect(await pool.submit((x: number) => x + 1, 1)).toBe(2);
  });

  it("captured data that cannot cross rejects its call with its variable's name", async () => {
    const detached = { bytes: new ArrayBuffer(8) };
    structuredClone(detached.bytes, { transfer: [detached.bytes] });
    await expect(pool.submit(() => detached)).rejects.toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "captured.detached.bytes" });
    const { port1 } = new MessageChannel();
    await expect(pool.submit(() => port1)).rejects.toThrow(/captures port1/);
    port1.close();
  });
});
