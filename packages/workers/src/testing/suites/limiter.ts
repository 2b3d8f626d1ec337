// A call releases its limiter exactly once, however it ends.
import { existsSync } from "node:fs";
import type { CallFuture } from "../../executor/call-future.js";
import type { CallLimiter } from "../../executor/call-options.js";
import { CallTimeoutError, CancelledError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection, until } from "../harness.js";

/** A limiter that never refuses, and counts. */
function counting(): CallLimiter & { acquired: number; released: number } {
  return { acquired: 0, released: 0, acquire() { this.acquired += 1; }, release() { this.released += 1; } };
}

export function limiterSuite(suite: DefineSuite): void {
  suite(["workers"], (kind) => {
    const { it, make, file } = kind;
    const busyTimeMs = 60_000;

    it("a call that was sent and not begun gives its room back when it is cancelled", async () => {
      const executor = make({ maxWorkers: 1 });
      await executor.submit(calls.add, 1, 1); // the worker is ready, and the function known to be short
      const limiter = counting();
      for (let round = 0; round < 50; round += 1) {
        const future = executor.with({ limiter }).submit(calls.add, round, 1);
        await new Promise(process.nextTick);
        await new Promise(process.nextTick);
        future.cancel();
        await future.catch(() => {});
      }
      await until(() => limiter.released === 50);
      expect(limiter.acquired).toBe(50);
    });

    it("a call that times out in the queue gives its room back", async () => {
      const executor = make({ maxWorkers: 1 });
      const limiter = counting();
      const { running, release } = await hold(executor, kind);
      const waiting = executor.with({ limiter, queueTimeoutMs: 5 }).submit(calls.add, 1, 1);
      expect(await rejection(waiting)).toBeInstanceOf(CallTimeoutError);
      expect(limiter).toMatchObject({ acquired: 1, released: 1 });
      release();
      await running;
    });

    it("a call that was sent to a starting worker gives its room back when its signal fires", async () => {
      const limiter = counting();
      const controller = new AbortController();
      const executor = make({ maxWorkers: 1 });
      const futures = Array.from({ length: 5 }, () => rejection(executor.with({ limiter, signal: controller.signal }).submit(calls.add, 1, 1)));
      await until(() => limiter.acquired === 5);
      await new Promise(setImmediate);
      controller.abort("enough");
      for (const error of await Promise.all(futures)) expect(error).toBeInstanceOf(CancelledError);
      await until(() => limiter.released === 5);
    });

    it("running and waiting calls give their room back when the timeoutMs of shutdown() has passed", async () => {
      const executor = make({ maxWorkers: 1 });
      const limiter = counting();
      const begun = file("begun");
      const ended = [executor.with({ limiter }).submit(calls.spinsDeaf, busyTimeMs, begun) as CallFuture<unknown>].map(rejection);
      await until(() => existsSync(begun));
      for (let index = 0; index < 5; index += 1) ended.push(rejection(executor.with({ limiter }).submit(calls.add, index, 1)));
      await until(() => limiter.acquired === 6);
      await executor.shutdown({ timeoutMs: 5 });
      for (const error of await Promise.all(ended)) expect(error).toBeInstanceOf(CancelledError);
      expect(limiter).toMatchObject({ acquired: 6, released: 6 });
    });
  });
}
