import { existsSync } from "node:fs";
import { CancelledError, ExecutorShutdownError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection, runProgram, until } from "../harness.js";

const neverEnds = new URL("../fixtures/never-ends.js", import.meta.url);

export function shutdownSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("refuses calls after shutdown, and can be shut down again", async () => {
      const executor = make();
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      await executor.shutdown();
      await executor.shutdown();
      const error = await rejection(executor.submit(calls.add, 1, 1));
      expect(error).toBeInstanceOf(ExecutorShutdownError);
      expect(error.code).toBe("ERR_OFFLOOP_SHUTDOWN");
    });

    it("lets accepted calls finish", async () => {
      const executor = make();
      const futures = Array.from({ length: 20 }, (_, index) => executor.submit(calls.addLater, index, 0));
      await executor.shutdown();
      expect(await Promise.all(futures)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    });

    it("shuts down at the end of its scope", async () => {
      let future;
      {
        await using executor = make();
        future = executor.submit(calls.addLater, 2, 2);
      }
      expect(future.state).toBe("fulfilled");
    });
  });

  suite(["workers"], (kind) => {
    const { it, make, file } = kind;
    it("cancels queued calls with cancelPending, and lets running calls finish", async () => {
      const executor = make();
      const { running, release } = await hold(executor, kind);
      const queued = Array.from({ length: 5 }, () => rejection(executor.submit(calls.add, 1, 1)));
      const closing = executor.shutdown({ cancelPending: true });
      for (const error of await Promise.all(queued)) expect(error).toBeInstanceOf(CancelledError);
      release();
      expect(await running).toBe("found");
      await closing;
      expect(executor.stats().workers).toBe(0);
    });

    it("ends running calls when timeoutMs has passed", async () => {
      const executor = make({ maxWorkers: 2 });
      const begun = file("begun");
      const running = rejection(executor.submit(calls.spinsDeaf, 60_000, begun));
      await until(() => existsSync(begun));
      await executor.shutdown({ timeoutMs: 10 });
      expect(await running).toBeInstanceOf(CancelledError);
    });

    it("ends a worker whose teardown never ends, when closeTimeoutMs has passed", async () => {
      const executor = make({ maxWorkers: 1, teardown: neverEnds, closeTimeoutMs: 20 });
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      await executor.shutdown();
      expect(executor.stats()).toMatchObject({ workers: 0, startingWorkers: 0, crashes: 0 });
    });

    it("ends a worker whose setup never ends, and settles its calls", async () => {
      const executor = make({ maxWorkers: 1, setup: neverEnds, closeTimeoutMs: 20 });
      const waiting = rejection(executor.submit(calls.add, 1, 1));
      await executor.shutdown({ cancelPending: true });
      expect(await waiting).toBeInstanceOf(CancelledError);
    });

    it("ends a worker that spins after its answer, when closeTimeoutMs has passed", async () => {
      const executor = make({ maxWorkers: 1, closeTimeoutMs: 20 });
      expect(await executor.submit(calls.spinsAfterAnswer)).toBe("answered");
      await executor.shutdown();
      expect(executor.stats().workers).toBe(0);
    });

    it("limits the time of a teardown, but not of a running call", async () => {
      const executor = make({ maxWorkers: 1, closeTimeoutMs: 0 });
      const { running, release } = await hold(executor.with({ graceMs: Infinity }), kind);
      (running as Promise<string> & { cancel(): boolean }).cancel();
      expect(await rejection(running)).toBeInstanceOf(CancelledError);
      const closed = executor.shutdown();
      release();
      await closed;
    });

    it("ends also if a worker exits by itself at the same time", async () => {
      for (let round = 0; round < 12; round += 1) {
        const executor = make({ maxWorkers: 1, closeTimeoutMs: 60_000 });
        expect(await executor.submit(calls.exitsAfterAnswer)).toBe("answered");
        for (let turns = 0; turns < round * 3; turns += 1) await new Promise(setImmediate);
        await executor.shutdown(round % 2 === 0 ? {} : { timeoutMs: 0 });
        expect(executor.stats()).toMatchObject({ workers: 0, startingWorkers: 0 });
      }
    });

    it("ends workers that have been idle for long, and starts them again", async () => {
      const executor = make({ maxWorkers: 2, idleTimeoutMs: 20 });
      await Promise.all([executor.submit(calls.spinsDeaf, 5), executor.submit(calls.spinsDeaf, 5)]);
      await until(() => executor.stats().workers === 0);
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });
  });

  suite(["workers"], ({ it, module }) => {
    it("a program with an idle executor exits by itself", async () => {
      expect(await runProgram("exits-by-itself", module)).toBe("3\nexit 0 after 1 call\n");
    });
  });

  suite(["workers", "output"], ({ it, module }) => {
    it("a program that ends after its call loses nothing that its worker printed", async () => {
      const output = await runProgram("prints-and-ends", module);
      expect(output.trimEnd().split("\n")).toEqual(Array.from({ length: 1_000 }, (_, line) => `line ${line}`));
    });
  });
}
