// Known faults of worker pools (docs/field.md), each tested as a caller would observe it.
import { existsSync, readFileSync } from "node:fs";
import { CancelledError, ExecutorShutdownError } from "../../executor/errors.js";
import { transfer } from "../../executor/transfer.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection, uncaught, until } from "../harness.js";

export function fieldSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("a callback that throws is an uncaught exception, and disturbs no call", async () => {
      const executor = make();
      const limiter = {
        acquire: () => {},
        release(): void {
          throw new RangeError("released badly");
        },
      };
      const onProgress = (): void => {
        throw new RangeError("heard badly");
      };
      const thrown = uncaught(2);
      const results = await Promise.all([executor.with({ limiter }).submit(calls.add, 1, 1), executor.with({ onProgress }).submit(calls.reports, 1), ...Array.from({ length: 20 }, (_, index) => executor.submit(calls.add, index, 0))]);
      expect(results.slice(0, 3)).toEqual([2, "done", 0]);
      expect((await thrown).map(({ message }) => message).sort()).toEqual(["heard badly", "released badly"]);
    });

    it("a limiter that refuses, at once or later, rejects its call and takes nothing", async () => {
      const release = (): void => {
        throw new Error("released what was not taken");
      };
      const limiters = [
        { acquire: (): Promise<void> => Promise.reject(new RangeError("no tokens")), release },
        {
          acquire(): void {
            throw new RangeError("no tokens");
          },
          release,
        },
      ];
      for (const limiter of limiters) expect(await rejection(make().with({ limiter }).submit(calls.add, 1, 1))).toBeInstanceOf(RangeError);
    });
  });

  suite(["workers"], (kind) => {
    const { it, make, file } = kind;

    it("a worker that exits after its answer loses no answer and harms no later call", async () => {
      const executor = make();
      expect(await executor.submit(calls.exitsAfterAnswer)).toBe("answered");
      expect(await executor.with({ retries: 1 }).submit(calls.add, 1, 1)).toBe(2);
    });

    it("a call submitted while the executor closes is refused, and the executor still closes", async () => {
      const executor = make();
      const { running, release } = await hold(executor, kind);
      const closed = executor.shutdown();
      expect(await rejection(executor.submit(calls.add, 1, 1))).toBeInstanceOf(ExecutorShutdownError);
      release();
      expect(await running).toBe("found");
      await closed;
    });

    it("a cold burst settles, and starts no more workers than it may", async () => {
      const executor = make({ maxWorkers: 2 });
      const results = await Promise.all(Array.from({ length: 500 }, (_, index) => executor.submit(calls.add, index, 0)));
      expect(results).toHaveLength(500);
      expect(executor.stats().workersStarted).toBeLessThanOrEqual(2);
    });

    it("calls race with the idle timeout and lose nothing", async () => {
      const executor = make({ maxWorkers: 2, idleTimeoutMs: 1 });
      for (let index = 0; index < 10; index += 1) {
        expect(await executor.submit(calls.add, index, 1)).toBe(index + 1);
        if (index % 3 === 0) await until(() => executor.stats().workers === 0);
      }
    });

    it("a worker is recycled while the executor closes, and every call settles", async () => {
      const executor = make({ maxWorkers: 2, maxTasksPerWorker: 1 });
      const futures = Array.from({ length: 6 }, (_, index) => executor.submit(calls.add, index, 0));
      await executor.shutdown();
      expect(await Promise.all(futures)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    it("a task that overwrites properties of process breaks only itself", async () => {
      const executor = make();
      expect(await executor.submit(calls.overwritesProcess)).toBe("overwritten");
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      await executor.shutdown();
    });

    it("no new call goes to a worker that is being ended", async () => {
      const executor = make();
      const marker = file("marker");
      const stuck = executor.with({ onCancel: "terminate" }).submit(calls.spinsDeaf, 60_000, marker);
      await until(() => existsSync(marker));
      stuck.cancel();
      const next = Array.from({ length: 5 }, () => executor.submit(calls.workerId));
      await rejection(stuck);
      expect(await Promise.all(next)).toEqual([2, 2, 2, 2, 2]);
    });

    it("options with a polluted prototype are not taken for options", async () => {
      const polluted = JSON.parse('{"__proto__": {"priority": "high"}}') as object;
      expect(() => make().with(Object.create({ timeout: 1 }) as object)).not.toThrow();
      expect(() => make().with(polluted)).toThrow(/__proto__/);
    });

    it("a call that is cancelled while its worker starts settles at once, and the worker serves the next", async () => {
      const executor = make();
      const first = executor.submit(calls.add, 1, 1);
      first.cancel("never mind");
      expect(await rejection(first)).toBeInstanceOf(CancelledError);
      expect(await executor.submit(calls.add, 2, 2)).toBe(4);
      expect(executor.stats().workersStarted).toBe(1);
    });

    it("an answer that comes after the cancellation settles no other call", async () => {
      const executor = make();
      const { running, release } = await hold(executor, kind);
      const abandoned = running as Promise<string> & { cancel(): boolean };
      abandoned.cancel();
      expect(await rejection(abandoned)).toBeInstanceOf(CancelledError);
      const next = executor.submit(calls.identity, "mine");
      release();
      expect(await next).toBe("mine");
      expect(executor.stats().workersStarted).toBe(1);
    });

    it("an abandoned call gives its limiter's room back only when its worker is done", async () => {
      let room = 1;
      const limiter = { acquire: () => void (room -= 1), release: () => void (room += 1) };
      const executor = make();
      await executor.submit(calls.add, 1, 1);
      const { running, release } = await hold(executor.with({ limiter }), kind);
      (running as Promise<string> & { cancel(): boolean }).cancel();
      await rejection(running);
      expect(room).toBe(0);
      release();
      await until(() => room === 1);
    });

    it("a transfer that fails in a burst rejects its call alone", async () => {
      const executor = make();
      await executor.submit(calls.byteLength, new Uint8Array(1));
      const detached = new ArrayBuffer(8);
      structuredClone(detached, { transfer: [detached] });
      const outcomes = await Promise.allSettled([executor.submit(calls.add, 1, 1), executor.submit(calls.identity, transfer({ detached })), executor.submit(calls.add, 2, 2)]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    });

    it("arguments and results can be collected when their call is settled", async () => {
      const executor = make();
      const refs: WeakRef<object>[] = [];
      await (async () => {
        const argument = { big: Array.from({ length: 1_000 }, () => "x") };
        const result = (await executor.submit(calls.identity, argument)) as object;
        refs.push(new WeakRef(argument), new WeakRef(result));
      })();
      const { setFlagsFromString } = await import("node:v8");
      const { runInNewContext } = await import("node:vm");
      setFlagsFromString("--expose-gc");
      const gc = runInNewContext("gc") as () => void;
      await until(() => {
        gc();
        return refs.every((ref) => ref.deref() === undefined);
      });
      expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined]);
    });

    it("calls made from within a task use a pool of the worker's own", async () => {
      expect(await make().submit(calls.submitsInside, 3)).toBe(6);
    });

    it("shutdown ends abandoned calls, also if the program awaits nothing", async () => {
      const executor = make();
      const marker = file("marker");
      const abandoned = executor.with({ graceMs: Infinity }).submit(calls.spinsDeaf, 60_000, marker);
      await until(() => existsSync(marker));
      abandoned.cancel();
      await rejection(abandoned);
      await executor.shutdown({ timeoutMs: 20 });
      expect(executor.stats().workers).toBe(0);
    });

    it("a flood on stderr and on stdout neither blocks nor corrupts the messages", async () => {
      let lines = 0;
      const executor = make({ maxWorkers: 1, onOutput: () => (lines += 1) });
      expect(await executor.submit(calls.floods, 5_000)).toBe("flooded");
      await executor.shutdown();
      expect(lines).toBe(10_000);
    });

    it("an error thrown after the answer ends the worker, and not the next call", async () => {
      const executor = make();
      const quiet = process.listeners("warning");
      process.removeAllListeners("warning");
      expect(await executor.submit(calls.throwsLater)).toBe("returned first");
      expect(await executor.with({ retries: 1 }).submit(calls.add, 1, 1)).toBe(2);
      await until(() => executor.stats().crashes === 1);
      for (const listener of quiet) process.on("warning", listener);
    });

    it("messages to a worker that is being ended are dropped, and every call settles", async () => {
      const executor = make();
      const stream = executor.with({ onCancel: "terminate" }).stream(calls.endless, file("marker"));
      await stream.next();
      const left = stream.return!();
      const asked = Array.from({ length: 200 }, () => stream.next());
      const everywhere = executor.broadcast(calls.add, 1, 1);
      const cancelled = executor.submit(calls.add, 1, 1);
      cancelled.cancel();
      expect(await rejection(cancelled)).toBeInstanceOf(CancelledError);
      await left;
      expect((await Promise.all(asked)).every(({ done }) => done)).toBe(true);
      expect(await everywhere).toEqual([2]);
      expect(await executor.submit(calls.add, 2, 2)).toBe(4);
    });

    it("a worker that is stuck in native code is ended, and its neighbours continue", async () => {
      const executor = make({ maxWorkers: 2 });
      const marker = file("marker");
      const stuck = executor.with({ graceMs: 10 }).submit(calls.waitsForever, marker);
      await until(() => existsSync(marker));
      const neighbours = Array.from({ length: 10 }, (_, index) => executor.submit(calls.add, index, 0));
      stuck.cancel();
      await rejection(stuck);
      expect(await Promise.all(neighbours)).toHaveLength(10);
      await until(() => executor.stats().workers + executor.stats().startingWorkers <= 2);
    });
  });

  suite(["workers", "ownProcess"], (kind) => {
    const { it, make, file } = kind;

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      it(`a worker that ${signal} ends from outside rejects its call with the signal`, async () => {
        const executor = make();
        const pid = Number(String(await executor.submit(calls.where)).split("/")[0]);
        const { running } = await hold(executor, kind);
        process.kill(pid, signal);
        expect(await rejection(running)).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED", exit: { signal } });
        expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      });
    }

    it("a worker that aborts without any output rejects its call", async () => {
      const executor = make({ maxWorkers: 1, onOutput: () => {} });
      expect(await rejection(executor.submit(calls.aborts))).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED", exit: { signal: "SIGABRT" } });
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });

    it("a call whose worker is ended by SIGTERM rejects with the signal", async () => {
      const executor = make();
      const error = await rejection(executor.submit(calls.killsItself, "SIGTERM"));
      expect(error).toMatchObject({ exit: { signal: "SIGTERM" } });
    });

    it("a worker that ignores SIGTERM is ended all the same", async () => {
      const executor = make();
      const marker = file("marker");
      const stuck = executor.with({ onCancel: "terminate" }).submit(calls.ignoresSigterm, marker);
      await until(() => existsSync(marker) && readFileSync(marker, "utf8") !== "");
      stuck.cancel();
      await rejection(stuck);
      const pid = Number(readFileSync(marker, "utf8"));
      await executor.shutdown();
      expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    });
  });
}
