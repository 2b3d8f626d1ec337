// Calls and outcomes that consist of numbers cross as one block of memory (src/protocol/pack-message.ts).
import { setImmediate } from "node:timers/promises";
import { ThreadPoolExecutor } from "@offloop/workers";
import { packMessage } from "#workers/protocol/pack-message.js";
import type { FromWorker, ToWorker } from "#workers/protocol/messages.js";
import { expect, it } from "vitest";
import * as calls from "../fixtures/calls.mjs";

const numbers = Array.from({ length: 400 }, (_, index) => index);

it("packs many numbers, and no other values", () => {
  const run = (values: unknown[]): ToWorker => ({ type: "run", calls: values });
  const settled = (values: unknown[]): FromWorker => ({ type: "settled", outcomes: values });
  for (const make of [run, settled]) {
    const values = (message: ToWorker | FromWorker): unknown => (message.type === "run" ? message.calls : message.type === "settled" ? message.outcomes : undefined);
    const packed = make([...numbers, -0, NaN, 1e300]);
    packMessage(packed);
    expect(values(packed)).toEqual(Float64Array.from([...numbers, -0, NaN, 1e300]));
    for (const plain of [make([1, 2, 3]), make([...numbers, "text"]), make([...numbers, 1n]), make([undefined, ...numbers])]) {
      packMessage(plain);
      expect(Array.isArray(values(plain))).toBe(true);
    }
  }
});

it("answers bursts of numbers, of undefined and of mixed values, in several messages each", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const sorts: [(value: number) => Promise<unknown>, (value: number) => unknown][] = [
    [(value) => pool.submit(calls.add, value, 0.5), (value) => value + 0.5],
    [(value) => pool.submit(calls.stores, value), () => undefined],
    [(value) => pool.submit(calls.identity, value % 2 === 0 ? value : `${value}`), (value) => (value % 2 === 0 ? value : `${value}`)],
    [(value) => pool.submit(calls.addLater, value, 1), (value) => value + 1], // the next message comes while it is awaited
  ];
  for (const [submit, expected] of sorts) {
    await submit(0); // its time is known from here on
    const answers: Promise<unknown>[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      answers.push(...numbers.slice(turn * 100, (turn + 1) * 100).map(submit));
      await setImmediate();
    }
    expect(await Promise.all(answers)).toEqual(numbers.map(expected));
  }
});
