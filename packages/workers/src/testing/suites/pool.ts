// Features of a pool beside its calls: progress, broadcast, warm-up, limits.
import { WorkerStartError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection } from "../harness.js";

export function poolSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("passes progress on in order, before the result", async () => {
      const seen: unknown[] = [];
      const executor = make().with({ onProgress: (value: unknown) => seen.push(value) });
      expect(await executor.submit(calls.reports, 3)).toBe("done");
      expect(seen).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }]);
    });

    it("runs only as many calls at once as its limiter has room for, and gives all room back", async () => {
      let room = 2;
      const waiting: (() => void)[] = [];
      let most = 0;
      const limiter = {
        acquire(): Promise<void> | void {
          room -= 1;
          most = Math.max(most, 2 - room);
          if (room < 0) return new Promise((resolve) => waiting.push(resolve));
        },
        release(): void {
          room += 1;
          waiting.shift()?.();
        },
      };
      const executor = make({ maxWorkers: 2 }).with({ limiter });
      const results = await Promise.allSettled([...Array.from({ length: 10 }, (_, index) => executor.submit(calls.addLater, index, 0)), executor.submit(calls.throwsRenderError)]);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
      expect(room).toBe(2);
      expect(waiting).toHaveLength(0);
      expect(most).toBeGreaterThan(2);
    });
  });

  suite(["workers"], (kind) => {
    const { it, make } = kind;
    it("broadcasts to every worker once, also to one that is busy", async () => {
      const executor = make({ maxWorkers: 2 });
      await executor.warmUp();
      expect(executor.stats()).toMatchObject({ workers: 2, idleWorkers: 2 });
      const { running, release } = await hold(executor, kind);
      const places = executor.broadcast(calls.where);
      release();
      expect(new Set(await places).size).toBe(2);
      expect(await running).toBe("found");
      expect(executor.stats().workersStarted).toBe(2);
    });

    it("broadcasts to one worker if none has started", async () => {
      expect(await make({ maxWorkers: 3 }).broadcast(calls.add, 1, 2)).toEqual([3]);
    });

    it("runs only as many calls of a broadcast at once as its limiter has room for, and gives all room back", async () => {
      const executor = make({ maxWorkers: 2 });
      await executor.warmUp();
      let room = 1;
      let most = 0;
      const waiting: (() => void)[] = [];
      const limiter = {
        acquire(): Promise<void> | void {
          most = Math.max(most, 1 - (room -= 1));
          if (room < 0) return new Promise((resolve) => waiting.push(resolve));
        },
        release(): void {
          room += 1;
          waiting.shift()?.();
        },
      };
      expect(new Set(await executor.with({ limiter }).broadcast(calls.where)).size).toBe(2);
      expect({ room, waiting: waiting.length, most }).toEqual({ room: 1, waiting: 0, most: 2 });
    });

    it("takes more broadcasts at once than a worker has slots", async () => {
      const executor = make({ maxWorkers: 1 });
      await executor.warmUp();
      const results = await Promise.all(Array.from({ length: 1_500 }, (_, index) => executor.broadcast(calls.add, index, 0)));
      expect(results).toEqual(Array.from({ length: 1_500 }, (_, index) => [index]));
    });

    it("rejects a broadcast with the first failure", async () => {
      expect(await rejection(make().broadcast(calls.throwsRenderError))).toMatchObject({ code: "E_RENDER" });
    });

    it("warms up the requested number of workers", async () => {
      const executor = make({ maxWorkers: 3 });
      await executor.warmUp(2);
      expect(executor.stats()).toMatchObject({ workers: 2, startingWorkers: 0 });
      expect((await rejection(executor.warmUp(0))).code).toBe("ERR_OFFLOOP_INVALID_OPTION");
    });
  });

  suite(["workers", "nodeOptions"], ({ it, make }) => {
    it("rejects warmUp() if the workers cannot start", async () => {
      const broken = make({ maxWorkers: 1, execArgv: ["--import", "data:text/javascript,throw new Error('broken')"] });
      expect(await rejection(broken.warmUp())).toBeInstanceOf(WorkerStartError);
    });
  });
}
