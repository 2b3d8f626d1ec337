import { existsSync, readFileSync } from "node:fs";
import { getEventListeners } from "node:events";
import type { CallFuture } from "../../executor/call-future.js";
import { CallTimeoutError, CancelledError, InvalidOptionError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { type DefineSuite, hold, rejection, until } from "../harness.js";

export function cancelSuite(suite: DefineSuite): void {
  suite([], ({ it, make, file }) => {
    it("rejects at once for a signal that has fired, and does not run the function", async () => {
      const marker = file("marker");
      const error = await rejection(make().with({ signal: AbortSignal.abort("too late") }).submit(calls.appends, marker, "ran"));
      expect(error).toBeInstanceOf(CancelledError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CANCELLED", cause: "too late" });
      expect(existsSync(marker)).toBe(false);
    });

    it("fires the context signal of a waiting function, for cancel() and for an AbortSignal", async () => {
      const executor = make();
      const controller = new AbortController();
      const ways: [Promise<unknown> & { cancel(reason: unknown): boolean }, string, () => void][] = [];
      const first = file("first");
      const one = executor.submit(calls.waitsForSignal, first);
      ways.push([one, first, () => one.cancel("enough")]);
      const second = file("second");
      ways.push([executor.with({ signal: controller.signal }).submit(calls.waitsForSignal, second), second, () => controller.abort("enough")]);
      for (const [future, marker, cancel] of ways) {
        const failed = rejection(future);
        await until(() => existsSync(marker));
        cancel();
        expect(await failed).toMatchObject({ name: "CancelledError", cause: "enough" });
        await until(() => readFileSync(marker, "utf8") === "started cancelled");
      }
    });

    it("leaves no listener on a shared signal", async () => {
      const { signal } = new AbortController();
      const executor = make().with({ signal });
      const futures = Array.from({ length: 50 }, (_, index) => executor.submit(calls.add, index, 1));
      await Promise.all(futures);
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    });

    it("refuses options that do not fit, by name", () => {
      const executor = make();
      const wrong: [string, unknown][] = [["signal", {}], ["queueTimeoutMs", -1], ["runTimeoutMs", "5"], ["priority", NaN], ["transfer", 1], ["retries", 0.5], ["onCancel", "stop"], ["graceMs", NaN], ["onProgress", 1], ["limiter", {}], ["context", 5], ["name", 1], ["timeout", 5]];
      for (const [option, value] of wrong) {
        expect(() => executor.with({ [option]: value }), option).toThrow(InvalidOptionError);
        expect(() => executor.with({ [option]: value }), option).toThrow(option);
      }
    });
  });

  suite([], ({ it, make }) => {
    it("never reaches a limit that is longer than Node's longest timer", async () => {
      const executor = make();
      const tooLong = 2 ** 40;
      const patient = executor.with({ queueTimeoutMs: tooLong, runTimeoutMs: tooLong });
      expect(await patient.submit(calls.outlivesShortTimers)).toBe("not cancelled");
      const running = executor.submit(calls.outlivesShortTimers);
      await executor.shutdown({ timeoutMs: tooLong });
      expect(await running).toBe("not cancelled");
    });
  });

  suite(["workers"], (kind) => {
    const { it } = kind;
    it("does not end a worker if graceMs is longer than Node's longest timer", async () => {
      const executor = kind.make();
      const { running, release } = await hold(executor.with({ graceMs: 2 ** 40 }), kind);
      (running as CallFuture<string>).cancel();
      expect(await rejection(running)).toBeInstanceOf(CancelledError);
      await new Promise((resolve) => setTimeout(resolve, 20)); // a timer that is too long would fire after 1 ms
      release();
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      expect(executor.stats()).toMatchObject({ workersStarted: 1, crashes: 0 });
    });

    const { make, file } = kind;
    it("never starts a queued call that was cancelled, and runs later calls", async () => {
      const executor = make();
      const marker = file("marker");
      const { running, release } = await hold(executor, kind);
      const queued = executor.submit(calls.appends, marker, "ran");
      const later = executor.submit(calls.add, 1, 1);
      expect(queued.cancel("not needed")).toBe(true);
      expect(await rejection(queued)).toMatchObject({ name: "CancelledError", cause: "not needed" });
      release();
      expect(await running).toBe("found");
      expect(await later).toBe(2);
      expect(existsSync(marker)).toBe(false);
    });

    it("onCancel 'wait' settles with the result, when the function has ended", async () => {
      const { running, release } = await hold(make().with({ onCancel: "wait" }), kind);
      const future = running as unknown as CallFuture<string>;
      expect(future.cancel()).toBe(true);
      await new Promise((resolve) => setImmediate(resolve));
      expect(future.state).toBe("pending");
      release();
      expect(await future).toBe("found");
    });

    it("ends a worker that does not stop in its grace time, and replaces it", async () => {
      const executor = make();
      const marker = file("marker");
      const future = executor.with({ graceMs: 20, onCancel: "wait" }).submit(calls.spinsDeaf, 60_000, marker);
      await until(() => existsSync(marker));
      const neighbour = executor.submit(calls.add, 1, 1);
      future.cancel("stuck");
      expect(await rejection(future)).toMatchObject({ name: "CancelledError", cause: "stuck" });
      expect(await neighbour).toBe(2);
      expect(executor.stats()).toMatchObject({ workersStarted: 2, crashes: 0 });
    });

    it("onCancel 'terminate' ends the worker at once", async () => {
      const executor = make().with({ onCancel: "terminate" });
      const marker = file("marker");
      const future = executor.submit(calls.spinsDeaf, 60_000, marker);
      await until(() => existsSync(marker));
      future.cancel();
      expect(await rejection(future)).toBeInstanceOf(CancelledError);
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      expect(executor.stats().workersStarted).toBe(2);
    });

    it("rejects a call that runs longer than runTimeoutMs, and does not count its time in the queue", async () => {
      const executor = make();
      const { running, release } = await hold(executor, kind);
      const queued = executor.with({ runTimeoutMs: 5_000 }).submit(calls.add, 1, 1);
      const late = executor.with({ runTimeoutMs: 20, graceMs: 0 }).submit(calls.spinsDeaf, 60_000);
      release();
      expect(await running).toBe("found");
      expect(await queued).toBe(2);
      const error = await rejection(late);
      expect(error).toBeInstanceOf(CallTimeoutError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CALL_TIMEOUT", stage: "run", timeoutMs: 20 });
      expect(error.message).toContain("runTimeoutMs");
    });

    it("counts the set-up of a worker as time in the queue", async () => {
      const neverReady = make({ maxWorkers: 1, setup: new URL("../fixtures/never-ends.js", import.meta.url) });
      expect(await rejection(neverReady.with({ queueTimeoutMs: 10 }).submit(calls.add, 1, 1))).toMatchObject({ stage: "queue" });
    });

    it("rejects a call that waits longer than queueTimeoutMs, and does not run it", async () => {
      const executor = make();
      const marker = file("marker");
      const { running, release } = await hold(executor, kind);
      const error = await rejection(executor.with({ queueTimeoutMs: 10 }).submit(calls.appends, marker, "ran"));
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CALL_TIMEOUT", stage: "queue", timeoutMs: 10 });
      release();
      await running;
      expect(existsSync(marker)).toBe(false);
    });

    it("stops synchronous code by its context, without ending its worker", async () => {
      const executor = make();
      const marker = file("marker");
      for (let round = 0; round < 5; round += 1) {
        const future = executor.with({ onCancel: "wait" }).submit(calls.spins, 60_000, `${marker}${round}`);
        await until(() => existsSync(`${marker}${round}`));
        future.cancel(round);
        expect(await rejection(future)).toMatchObject({ name: "CancelledError", cause: round });
      }
      expect(await executor.submit(calls.spins, 1)).toBe("not cancelled");
      expect(executor.stats().workersStarted).toBe(1);
    });

    it("frees the workers of a hundred running calls without ending one", async () => {
      const executor = make({ maxWorkers: 2 });
      const marker = file("marker");
      for (let index = 0; index < 50; index += 1) {
        const markers = [`${marker}${index}a`, `${marker}${index}b`];
        const futures = markers.map((each) => executor.submit(calls.spins, 60_000, each));
        const errors = Promise.all(futures.map(rejection));
        await until(() => markers.every((each) => existsSync(each)));
        for (const future of futures) future.cancel();
        for (const error of await errors) expect(error).toBeInstanceOf(CancelledError);
      }
      expect(await Promise.all([executor.submit(calls.add, 1, 1), executor.submit(calls.add, 1, 1)])).toEqual([2, 2]);
      expect(executor.stats().workersStarted).toBe(2);
    });

    it("cancels every running call of a signal whose reason has no string form, and cannot be cloned", async () => {
      const executor = make({ maxWorkers: 2 });
      const controller = new AbortController();
      const markers = [file("first"), file("second")];
      const running = markers.map((marker) => rejection(executor.with({ signal: controller.signal }).submit(calls.waitsForSignal, marker)));
      await until(() => markers.every((marker) => existsSync(marker)));
      const reason = Object.assign(Object.create(null), { handler() {} });
      controller.abort(reason);
      for (const error of await Promise.all(running)) expect(error.cause).toBe(reason);
      await until(() => markers.every((marker) => readFileSync(marker, "utf8") === "started cancelled"));
    });

    it("rejects only the slow call at its run deadline, and none of the calls behind it", async () => {
      const executor = make({ maxWorkers: 1 }).with({ runTimeoutMs: 300, graceMs: 50 });
      for (let round = 0; round < 80; round += 1) await executor.submit(calls.spinsDeafHere, 0);
      const durations = Array.from({ length: 41 }, (_, index) => (index === 5 ? 60_000 : 0));
      const outcomes = await Promise.allSettled(durations.map((ms) => executor.submit(calls.spinsDeafHere, ms)));
      expect(outcomes.flatMap(({ status }, index) => (status === "rejected" ? [index] : []))).toEqual([5]);
      expect((outcomes[5] as PromiseRejectedResult).reason).toBeInstanceOf(CallTimeoutError);
    });
  });

  suite(["workers", "nodeOptions"], ({ it, make }) => {
    it("does not count the start of a worker as run time", async () => {
      // The worker loads the function's module when it starts, because loading it later would count as run time.
      const module = new URL("../fixtures/calls.js", import.meta.url).href;
      const slowStart = ["--import", module, "--import", "data:text/javascript,await new Promise((resolve) => setTimeout(resolve, 1200))"];
      expect(await make({ maxWorkers: 1, execArgv: slowStart }).with({ runTimeoutMs: 1_000 }).submit(calls.add, 1, 1)).toBe(2);
    });
  });
}
