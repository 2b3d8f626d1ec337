import { readFileSync } from "node:fs";
import { WorkerCrashedError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { collect, type DefineSuite, rejection, until } from "../harness.js";

const numbers = (to: number): number[] => Array.from({ length: to }, (_, index) => index);

export function streamSuite(suite: DefineSuite): void {
  suite([], ({ it, make, file }) => {
    for (const count of [0, 1, 1_000]) {
      it(`gives the ${count} items of a generator and of an async generator in order`, async () => {
        const executor = make();
        expect(await collect(executor.stream(calls.counts, count))).toEqual(numbers(count));
        expect(await collect(executor.stream(calls.countsLater, Math.min(count, 100)))).toEqual(numbers(Math.min(count, 100)));
      });
    }

    it("gives the return value with the end", async () => {
      const stream = make().stream(calls.countsLater, 1);
      expect(await stream.next()).toEqual({ done: false, value: 0 });
      expect(await stream.next()).toEqual({ done: true, value: "all" });
      expect((await stream.next()).done).toBe(true);
    });

    it("gives the earlier items, and then throws the generator's error", async () => {
      const stream = make().stream(calls.throwsAfter, 3);
      for (const value of numbers(3)) expect(await stream.next()).toEqual({ done: false, value });
      expect(await rejection(stream.next())).toMatchObject({ name: "RenderError", code: "E_RENDER" });
      expect((await stream.next()).done).toBe(true);
    });

    it("closes the generator when the consumer leaves", async () => {
      const marker = file("marker");
      for await (const item of make().stream(calls.endless, marker)) if (item === 10) break;
      expect(readFileSync(marker, "utf8")).toMatch(/^y+ closed$/);
    });

    it("ends with CancelledError when its signal fires, and closes the generator", async () => {
      const marker = file("marker");
      const controller = new AbortController();
      const stream = make().with({ signal: controller.signal }).stream(calls.endlessLater, marker);
      expect((await stream.next()).done).toBe(false);
      controller.abort("enough");
      expect(await rejection(collect(stream))).toMatchObject({ name: "CancelledError", cause: "enough" });
      await until(() => readFileSync(marker, "utf8").endsWith("closed"));
    });

    it("has the context of its call in each step", async () => {
      const names = await collect(make().with({ name: "steps" }).stream(calls.namesItself, 3));
      expect(names).toEqual(["steps", "steps", "steps"]);
    });

    it("refuses a function that returns no iterable", async () => {
      expect((await rejection(make().stream(calls.add as never).next())).message).toContain("generator");
    });
  });

  suite(["workers"], ({ it, make, file }) => {
    it("produces only as many items ahead of the consumer as it has credits", async () => {
      const marker = file("marker");
      const stream = make().stream(calls.endless, marker);
      await stream.next();
      await until(() => readFileSync(marker, "utf8").length >= 64);
      const made = readFileSync(marker, "utf8").length;
      for (let index = 0; index < 20; index += 1) await stream.next();
      expect(readFileSync(marker, "utf8").length).toBeLessThanOrEqual(made + 64);
      expect(made).toBeLessThanOrEqual(66);
      await stream.return!();
      expect(readFileSync(marker, "utf8")).toContain("closed");
    });

    it("gives the items from before a crash, and then rejects", async () => {
      const executor = make();
      const stream = executor.stream(calls.exitsAfter, 5);
      for (const value of numbers(5)) expect(await stream.next()).toEqual({ done: false, value });
      expect(await rejection(stream.next())).toBeInstanceOf(WorkerCrashedError);
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });

    it("retries a stream that crashed before its first item, and no stream that has given items", async () => {
      const executor = make().with({ retries: 1 });
      expect(await collect(executor.stream(calls.exitsAtFirstThenCounts, file("once"), 1))).toEqual([0, 1, 2]);
      const given = executor.stream(calls.exitsAfter, 2);
      expect([(await given.next()).value, (await given.next()).value]).toEqual([0, 1]);
      expect(await rejection(given.next())).toBeInstanceOf(WorkerCrashedError);
    });

    it("ends the stream at an item that cannot be cloned, with the path", async () => {
      const executor = make();
      const stream = executor.stream(calls.yieldsFunction);
      const error = await rejection(collect(stream));
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
      expect(error.path).toMatch(/^items\[\d\]\.on$/);
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    });

    it("serves several consumers of one stream in turn", async () => {
      const stream = make().stream(calls.countsLater, 6);
      const taken = await Promise.all(Array.from({ length: 8 }, () => stream.next()));
      expect(taken.map(({ done, value }) => (done ? "end" : value))).toEqual([0, 1, 2, 3, 4, 5, "end", "end"]);
    });
  });
}
