import { InvalidOptionError } from "../../executor/errors.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import { collect, type DefineSuite, rejection, until } from "../harness.js";

export function mapSuite(suite: DefineSuite): void {
  suite([], ({ it, make }) => {
    it("maps an iterable and an async iterable in order", async () => {
      const executor = make({ maxWorkers: 2 });
      const numbers = Array.from({ length: 100 }, (_, index) => index);
      expect(await collect(executor.map(calls.identity, numbers))).toEqual(numbers);
      async function* source() {
        yield* numbers;
      }
      expect(await collect(executor.map(calls.identity, source()))).toEqual(numbers);
    });

    it("gives unordered results in the order of arrival, each once", async () => {
      const numbers = Array.from({ length: 50 }, (_, index) => index);
      const results = await collect(make({ maxWorkers: 2 }).map(calls.identity, numbers, { ordered: false }));
      expect((results as number[]).sort((a, b) => a - b)).toEqual(numbers);
    });

    it("reads its source no further than its buffer", async () => {
      let read = 0;
      function* endless() {
        for (;;) yield read++;
      }
      const results = make().map(calls.identity, endless(), { bufferSize: 3 });
      await results.next();
      expect(read).toBeLessThanOrEqual(4);
      await results.return!();
    });

    for (const ordered of [true, false]) {
      it(`gives results while it waits for the next item of its source, ${ordered ? "ordered" : "unordered"}`, async () => {
        let give!: () => void;
        let closed = false;
        async function* source() {
          try {
            yield 1;
            yield 2;
            await new Promise<void>((resolve) => (give = resolve));
            yield 3;
          } finally {
            closed = true;
          }
        }
        const results = make().map(calls.identity, source(), { ordered });
        expect([(await results.next()).value, (await results.next()).value].sort()).toEqual([1, 2]);
        const third = results.next();
        await until(() => give !== undefined);
        give();
        expect((await third).value).toBe(3);
        expect((await results.next()).done).toBe(true);
        expect(closed).toBe(true);
      });
    }

    it("passes on what its source throws, and reads one item at a time of an asynchronous one", async () => {
      let reading = 0;
      const source = {
        count: 0,
        [Symbol.asyncIterator]() {
          return this;
        },
        async next() {
          reading += 1;
          expect(reading).toBe(1);
          await new Promise((resolve) => setImmediate(resolve));
          reading -= 1;
          if (this.count === 5) throw new Error("the source is broken");
          return { done: false, value: this.count++ };
        },
      };
      const results = make({ maxWorkers: 2 }).map(calls.identity, source as AsyncIterable<number>, { chunkSize: 2 });
      expect((await rejection(collect(results))).message).toBe("the source is broken");
      expect((await results.next()).done).toBe(true);
    });

    it("closes its source and cancels its calls when the loop is left", async () => {
      let closed = false;
      function* source() {
        try {
          for (;;) yield 1;
        } finally {
          closed = true;
        }
      }
      const executor = make();
      for await (const value of executor.map(calls.identity, source())) {
        expect(value).toBe(1);
        break;
      }
      expect(closed).toBe(true);
    });

    it("throws the error of an item at its place", async () => {
      const results = make().map(calls.throwsIfOdd, [0, 2, 3, 4]);
      expect((await results.next()).value).toBe(0);
      expect((await results.next()).value).toBe(2);
      expect((await rejection(results.next())).message).toBe("3 is odd");
      expect((await results.next()).done).toBe(true);
    });

    it("maps many short items with any chunk size, also with an asynchronous function", async () => {
      const executor = make({ maxWorkers: 2 });
      const numbers = Array.from({ length: 20_000 }, (_, index) => index);
      for (const options of [{}, { chunkSize: 7 }, { chunkSize: 30_000 }, { bufferSize: 100 }]) {
        expect(await collect(executor.map(calls.identity, numbers, options))).toEqual(numbers);
      }
      expect(await collect(executor.map(calls.squareLater, numbers.slice(0, 200)))).toEqual(numbers.slice(0, 200).map((each) => each * each));
    });

    it("serves concurrent calls of next() in order", async () => {
      const results = make().map(calls.identity, [1, 2, 3]);
      const taken = await Promise.all([results.next(), results.next(), results.next(), results.next()]);
      expect(taken.map(({ done, value }) => (done ? "end" : value))).toEqual([1, 2, 3, "end"]);
    });

    it("ends pending results when the consumer leaves, and cancels their calls", async () => {
      for (const ordered of [true, false]) {
        const executor = make({ maxWorkers: 1 });
        const results = executor.map(calls.neverSettles, [1, 2], { ordered, chunkSize: 1 });
        const pending = [results.next(), results.next()];
        await until(() => executor.stats().submitted > 0);
        expect(await results.return!()).toEqual({ done: true, value: undefined });
        expect(await Promise.all(pending)).toEqual([{ done: true, value: undefined }, { done: true, value: undefined }]);
        expect((await results.next()).done).toBe(true);
      }
    });

    it("ends a pending result when the consumer leaves, also if the source has no item yet", async () => {
      let asked!: () => void;
      const begun = new Promise<void>((resolve) => (asked = resolve));
      async function* source(): AsyncGenerator<number> {
        asked();
        yield await new Promise<never>(() => {});
      }
      const results = make().map(calls.identity, source());
      const pending = results.next();
      await begun;
      expect(await results.return!()).toEqual({ done: true, value: undefined });
      expect(await pending).toEqual({ done: true, value: undefined });
    });

    it("refuses options that do not fit, and values that are not iterable", async () => {
      const executor = make();
      expect(() => executor.map(calls.identity, [1], { bufferSize: 0 })).toThrow(InvalidOptionError);
      expect(() => executor.map(calls.identity, 5 as never)).toThrow(TypeError);
    });
  });
}
