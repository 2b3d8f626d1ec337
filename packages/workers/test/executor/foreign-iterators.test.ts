// Iterators that are written by hand, and not by a generator function: as streams, and as sources of map().
import { expect, it } from "vitest";
import { all, forEach, rejection, until } from "../contract/executors.js";

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) {
    items.push(item);
    if (items.length > 10) throw new Error("the iterator does not end");
  }
  return items;
}

/** A source whose second step is no object. */
function malformed(step: unknown): Iterable<number> {
  let steps = 0;
  return { [Symbol.iterator]: () => ({ next: () => (steps++ === 0 ? { done: false, value: 7 } : step) as never }) };
}

/** The same, and each step arrives later. */
function malformedLater(step: unknown): AsyncIterable<number> {
  const { next } = malformed(step)[Symbol.iterator]();
  return { [Symbol.asyncIterator]: () => ({ next: async () => next() }) };
}

const double = (value: number): number => value * 2;

/** Ends only when it is left, in the middle of a step. */
async function* staysInStep(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => {});
}

forEach(all, ({ kind, make }) => {
  it("a stream that is left while a next() is pending: both settle, and so does a later next()", async () => {
    const executor = make({ maxWorkers: 1 });
    const stream = executor.with({ graceMs: 0 }).stream(staysInStep)[Symbol.asyncIterator]();
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    const pending = stream.next();
    await new Promise(setImmediate);
    expect(await Promise.all([stream.return!(), pending])).toMatchObject([{ done: true }, { done: true, value: undefined }]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("waits for steps that are thenables of another kind", async () => {
    const thenables = (): AsyncIterable<number> => {
      let count = 0;
      // oxlint-disable-next-line no-thenable
      const next = (): never => ({ then: (resolve: (step: unknown) => void) => void setTimeout(resolve, 1, count < 3 ? { done: false, value: (count += 1) } : { done: true }) }) as never;
      return { [Symbol.asyncIterator]: () => ({ next }) };
    };
    expect(await collect(make().stream(thenables))).toEqual([1, 2, 3]);
    expect((await collect(make().map(double, thenables()))).toSorted()).toEqual([2, 4, 6]);
  });

  it.each([5, undefined, null, "step"])("rejects at a step that is %s, as for await does", async (step) => {
    const executor = make();
    for (const items of [executor.stream(malformed, step), executor.stream(malformedLater, step), executor.map(double, malformed(step)), executor.map(double, malformedLater(step))]) {
      expect(await rejection(collect(items))).toBeInstanceOf(TypeError);
    }
  });

  it("ends the call of a stream whose return() throws", async () => {
    let room = 1;
    const limiter = { acquire: () => void (room -= 1), release: () => void (room += 1) };
    const executor = make();
    const endless = (): Iterable<number> => ({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => { throw new RangeError("return() threw"); } }) });
    const stream = executor.with({ limiter }).stream(endless);
    await stream.next();
    const left = await Promise.allSettled([stream.return!()]);
    if (kind === "inline") expect(left).toMatchObject([{ status: "rejected", reason: { message: "return() threw" } }]);
    await until(() => room === 1);
    await executor.shutdown();
    expect(executor.stats()).toMatchObject({ queued: 0, running: 0 });
  });
});
