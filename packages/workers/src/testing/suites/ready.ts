// Back-pressure: a producer that awaits ready() before each call is slowed down, and never refused.
import { CancelledError, ExecutorShutdownError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection } from "../harness.js";

export function readySuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("is ready at once if the queue has room, and never after shutdown", async () => {
      const executor = make();
      await executor.ready();
      await executor.with({ name: "view" }).ready();
      await executor.shutdown();
      expect(await rejection(executor.ready())).toBeInstanceOf(ExecutorShutdownError);
    });

    it("rejects at once if the signal has fired", async () => {
      expect(await rejection(make().with({ signal: AbortSignal.abort("no") }).ready())).toMatchObject({ name: "CancelledError", cause: "no" });
    });
  });

  suite(["workers"], (kind) => {
    const { it, make } = kind;
    it("admits producers while there is room, and refuses none of their calls", async () => {
      const executor = make({ maxWorkers: 1, maxQueue: 2 });
      let most = 0;
      const produce = async (): Promise<unknown[]> => {
        const futures: Promise<unknown>[] = [];
        for (let index = 0; index < 20; index += 1) {
          await executor.ready();
          futures.push(executor.submit(calls.addLater, index, 0));
          most = Math.max(most, executor.stats().queued);
        }
        return Promise.all(futures);
      };
      for (const results of await Promise.all(Array.from({ length: 5 }, produce))) expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index));
      expect(most).toBeLessThanOrEqual(3);
    });

    it("serves waiting producers in order, and skips one that has stopped waiting", async () => {
      const executor = make({ maxWorkers: 1, maxQueue: 0 });
      await executor.submit(calls.add, 1, 1);
      const { running, release } = await hold(executor, kind);
      const order: string[] = [];
      const controller = new AbortController();
      const first = executor.ready().then(() => void order.push("first"));
      const left = rejection(executor.with({ signal: controller.signal }).ready());
      const second = executor.ready().then(() => void order.push("second"));
      controller.abort();
      expect(await left).toBeInstanceOf(CancelledError);
      expect(order).toEqual([]);
      release();
      await Promise.all([running, first, second]);
      expect(order).toEqual(["first", "second"]);
    });

    it("wakes a waiting producer when a queued call is cancelled, and when the executor is shut down", async () => {
      const executor = make({ maxWorkers: 1, maxQueue: 1 });
      await executor.submit(calls.add, 1, 1);
      const { running, release } = await hold(executor, kind);
      const queued = executor.submit(calls.add, 1, 1);
      const ready = executor.ready();
      queued.cancel();
      await rejection(queued);
      await ready;
      const last = executor.submit(calls.add, 2, 2);
      const refused = rejection(executor.ready());
      const closed = executor.shutdown();
      expect(await refused).toBeInstanceOf(ExecutorShutdownError);
      release();
      expect(await Promise.all([running, last])).toEqual(["found", 4]);
      await closed;
    });
  });
}
