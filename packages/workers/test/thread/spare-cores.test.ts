// The count of busy workers over all pools, which decides whether a thread may spin.
import { ThreadPoolExecutor } from "@offloop/workers";
import { spareCores } from "#workers/dispatch/spare-cores.js";
import { expect, it } from "vitest";

const { add, spinsDeafHere } = await import(new URL("../fixtures/calls.mjs", import.meta.url).href) as { add(a: number, b: number): number; spinsDeafHere(ms: number): void };

it("has as many cores as before after pools that ended during their calls", async () => {
  const busy = () => new Int32Array(spareCores.buffer)[0]!;
  expect(busy()).toBe(0);
  for (let pool = 0; pool < 2; pool += 1) {
    const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    expect(await executor.submit(add, 1, 2)).toBe(3);
    const running = executor.submit(spinsDeafHere, 60_000);
    running.catch(() => {});
    await expect.poll(busy).toBe(1);
    await executor.shutdown({ timeoutMs: 0 });
    await expect(running).rejects.toThrow("was ended by the executor's shutdown");
    expect(busy()).toBe(0);
  }
});
