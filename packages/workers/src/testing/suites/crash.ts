import { readFileSync } from "node:fs";
import { PoisonCallError, WorkerCrashedError, WorkerStartError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, rejection } from "../harness.js";

export function crashSuite(suite: DefineSuite): void {
  suite(["workers"], ({ it, make, file }) => {
    it("rejects the call whose worker exits, and continues with another worker", async () => {
      const executor = make();
      const error = await rejection(executor.submit(calls.exits, 7));
      expect(error).toBeInstanceOf(WorkerCrashedError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED", callName: "exits", exit: { exitCode: 7 } });
      expect(error.message).toContain("exits");
      expect(error.stack).toContain("suites/crash.");
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      expect(executor.stats()).toMatchObject({ crashes: 1, workersStarted: 2 });
    });

    it("quotes the last lines that the worker wrote to stderr", async () => {
      for (const onOutput of [undefined, () => {}]) {
        const error = await rejection(make({ maxWorkers: 1, onOutput }).submit(calls.complainsAndExits, "no space left"));
        expect(error.exit.stderr).toBe("no space left");
        expect(error.message).toContain("no space left");
      }
    });

    it("runs the calls that a crashed worker had not begun", async () => {
      const executor = make();
      const outcomes = await Promise.allSettled([executor.submit(calls.exits, 1), ...Array.from({ length: 20 }, (_, index) => executor.submit(calls.add, index, 0))]);
      expect(outcomes.map(({ status }) => status)).toEqual(["rejected", ...Array.from({ length: 20 }, () => "fulfilled")]);
    });

    it("retries a call that declared retries, and no other call", async () => {
      const executor = make();
      const once = file("once");
      expect(await executor.with({ retries: 1 }).submit(calls.exitsAtFirst, once, 1)).toBe("survived");
      expect(readFileSync(once, "utf8")).toBe("xx");
      const never = file("never");
      await rejection(executor.submit(calls.exitsAtFirst, never, 1));
      expect(readFileSync(never, "utf8")).toBe("x");
    });

    it("rejects a call that ended three workers, with their history", async () => {
      const error = await rejection(make().with({ retries: 10 }).submit(calls.exits, 5));
      expect(error).toBeInstanceOf(PoisonCallError);
      expect(error.history.map(({ exitCode }: { exitCode: number }) => exitCode)).toEqual([5, 5, 5]);
    });

    it("rejects the call that runs when user code throws beside it", async () => {
      const executor = make();
      const error = await rejection(executor.submit(calls.throwsInImmediate));
      expect(error).toBeInstanceOf(WorkerCrashedError);
      expect(`${error.message} ${error.exit.stderr ?? ""}`).toContain("thrown while it waits");
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });
  });

  suite(["workers", "nodeOptions"], ({ it, make }) => {
    it("rejects calls with the reason when no worker can start, and recovers", async () => {
      const executor = make({ maxWorkers: 2, execArgv: ["--import", new URL("../fixtures/fails-unless-marked.js", import.meta.url).href] });
      delete process.env.OFFLOOP_TEST_START;
      const outcomes = await Promise.allSettled([executor.submit(calls.add, 1, 1), executor.submit(calls.add, 2, 2), executor.submit(calls.add, 3, 3)]);
      for (const outcome of outcomes) {
        expect(outcome.status).toBe("rejected");
        const { reason } = outcome as PromiseRejectedResult;
        expect(reason).toBeInstanceOf(WorkerStartError);
        expect(reason.message).toContain("refused to start");
      }
      process.env.OFFLOOP_TEST_START = "1";
      try {
        expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      } finally {
        delete process.env.OFFLOOP_TEST_START;
      }
    });
  });

  suite(["workers", "ownProcess"], ({ it, make }) => {
    it("names the signal that ended a process", async () => {
      const error = await rejection(make().submit(calls.killsItself, "SIGKILL"));
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED", exit: { signal: "SIGKILL" } });
      expect(error.message).toContain("SIGKILL");
    });
  });

  suite(["workers", "heapLimit"], ({ it, make }) => {
    it("distinguishes a heap limit from other crashes", async () => {
      const executor = make({ maxWorkers: 1, maxHeapBytes: 24 * 2 ** 20, onOutput: () => {} });
      expect(await rejection(executor.submit(calls.fillsTheHeap))).toMatchObject({ code: "ERR_OFFLOOP_OUT_OF_MEMORY", callName: "fillsTheHeap" });
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });
  });
}
