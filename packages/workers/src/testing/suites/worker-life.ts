// The life of a worker: setup and teardown, recycling, printed output.
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import type { OutputLine } from "../../dispatch/pool-options.js";
import { WorkerStartError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, rejection, until } from "../harness.js";

const setup = new URL("../fixtures/set-up.js", import.meta.url);
const teardown = new URL("../fixtures/tear-down.js", import.meta.url);

export function workerLifeSuite(suite: DefineSuite): void {
  suite(["workers"], ({ it, make, file }) => {
    it("runs setup once in each worker, and teardown when it ends", async () => {
      const log = file("log");
      const executor = make({ maxWorkers: 1, setup, setupData: log, teardown });
      expect(await executor.submit(calls.countsInSetup)).toBe(1);
      expect(await executor.submit(calls.countsInSetup)).toBe(2);
      await executor.shutdown();
      expect(readFileSync(log, "utf8")).toBe("closed after 2\n");
    });

    it("rejects the calls with the error of the setup module", async () => {
      const error = await rejection(make({ maxWorkers: 1, setup, setupData: "fail" }).submit(calls.add, 1, 1));
      expect(error).toBeInstanceOf(WorkerStartError);
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.message).toContain("no such database");
    });

    it("rejects all calls with the path of setup data that cannot be cloned", async () => {
      const executor = make({ maxWorkers: 1, setup, setupData: { log: { write() {} } } });
      for (let round = 0; round < 2; round += 1) {
        const error = await rejection(executor.submit(calls.add, 1, 1));
        expect(error).toBeInstanceOf(WorkerStartError);
        expect(error.cause).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "setupData.log.write" });
      }
    });

    it("names the module that exports no setup function", async () => {
      const error = await rejection(make({ maxWorkers: 1, setup: new URL("../fixtures/fails-unless-marked.js?x", import.meta.url) }).submit(calls.add, 1, 1));
      expect(error.message).toContain("refused to start");
      const missing = await rejection(make({ maxWorkers: 1, setup: new URL("../fixtures/tear-down.js", import.meta.url), setupData: {} }).submit(calls.add, 1, 1));
      expect(missing).toBeInstanceOf(WorkerStartError);
    });

    it("replaces a worker after maxTasksPerWorker calls, and loses none", async () => {
      const executor = make({ maxWorkers: 1, maxTasksPerWorker: 3 });
      const workers = await Promise.all(Array.from({ length: 10 }, () => executor.submit(calls.workerId)));
      const counts = new Map<number, number>();
      for (const id of workers as number[]) counts.set(id, (counts.get(id) ?? 0) + 1);
      expect([...counts.values()].reduce((sum, each) => sum + each)).toBe(10);
      expect(Math.max(...counts.values())).toBe(3);
      expect(executor.stats()).toMatchObject({ crashes: 0, fulfilled: 10 });
      await until(() => executor.stats().workers <= 1);
    });

    it("replaces a worker whose heap is too large, or that is too old", async () => {
      const leaky = make({ maxWorkers: 1, recycleAboveHeapBytes: 20 * 2 ** 20 });
      const first = await leaky.submit(calls.leaks, 2_000_000);
      expect(await leaky.submit(calls.leaks, 1)).not.toBe(first);
      const aged = make({ maxWorkers: 1, maxWorkerAgeMs: 1 });
      const oldest = await aged.submit(calls.workerId);
      await aged.submit(calls.spins, 5);
      expect(await aged.submit(calls.workerId)).not.toBe(oldest);
    });

    it("passes printed lines to onOutput, with the call's name", async () => {
      const lines: OutputLine[] = [];
      const executor = make({ maxWorkers: 1, onOutput: (line) => lines.push(line) });
      await executor.submit(calls.prints, "one\ntwo");
      await executor.with({ name: "second" }).submit(calls.prints, " and a half\n");
      await executor.shutdown();
      const text = (stream: string): string[] => lines.filter((line) => line.stream === stream).map((line) => line.text);
      expect(text("stdout")).toEqual(["one", "two and a half"]);
      expect(text("stderr")).toEqual(["error: one\ntwo", "error: and a half"].flatMap((each) => each.split("\n")));
      expect(lines[0]).toMatchObject({ callName: "prints" });
    });
  });

  suite(["workers", "nodeOptions"], ({ it, make }) => {
    it("gives workers their environment and Node options", async () => {
      const executor = make({ maxWorkers: 1, env: { ...process.env, OFFLOOP_TEST: "given", OFFLOOP_UNSET: undefined }, execArgv: ["--conditions=offloop-test"] });
      expect(await executor.submit(calls.environment)).toEqual(["given", false, true]);
    });

    it("rejects with the reason when Node refuses its options", async () => {
      const error = await rejection(make({ maxWorkers: 1, execArgv: ["--no-such-option"], onOutput: () => {} }).submit(calls.add, 1, 1));
      expect(error).toBeInstanceOf(WorkerStartError);
      expect(error.message).toContain("--no-such-option");
    });
  });

  // Elsewhere a thread has no nice value of its own.
  if (process.platform === "linux") suite(["workers", "niceness"], ({ it, make }) => {
    it("adds nice to the nice value of its workers", async () => {
      const own = getPriority();
      expect(await make({ maxWorkers: 1 }).submit(calls.niceValue)).toBe(Math.min(19, own + 5));
      expect(await make({ maxWorkers: 1, nice: 0 }).submit(calls.niceValue)).toBe(own);
      expect(getPriority()).toBe(own);
    });
  });
}
