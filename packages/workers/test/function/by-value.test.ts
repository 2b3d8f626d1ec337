// Functions that travel as code: when captured values are read, and which are shared. The test runner
// evaluates this file in a wrapper, so its functions are local to that wrapper.
import { basename } from "node:path";
import * as fs from "node:fs";
import { parse } from "acorn";
import { afterAll, describe, expect, it } from "vitest";
import type { CallTarget } from "#workers/executor/callable.js";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import type { LocatedFunction } from "#workers/protocol/function-payload.js";
import { greet } from "../fixtures/function/counting.mjs";
import { getFails } from "../fixtures/function/throws.mjs";
import { double, Ticket } from "./inlined-module.js";
import { Traveller } from "./travel.js";

const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

const factor = 4;
const locate = async (fn: (...args: never[]) => unknown): Promise<LocatedFunction> => locateFunction(fn as CallTarget);

describe("captured variables", () => {
  it("are read when the call is made, at the first call too", async () => {
    let level = 1;
    const read = (): number => level;
    const first = locateFunction(read);
    level = 2;
    const second = locateFunction(read);
    level = 3;
    expect(await traveller.runLocated(await first, [])).toBe(1);
    expect(await traveller.runLocated(await second, [])).toBe(2);
    expect(await traveller.run(read)).toBe(3);
  });

  it("are those of the closure, not of the place in the source", async () => {
    const closures: (() => string)[] = [];
    for (let i = 0; i < 3; i++) closures.push(() => `number ${i}`);
    expect(await Promise.all(closures.map((each) => traveller.run(each)))).toEqual(["number 0", "number 1", "number 2"]);
  });

  it("are a copy: a later call does not see changes of an earlier one", async () => {
    let count = 0;
    const seen = new Set<number>();
    const next = (): [number, number] => [++count, seen.add(count).size];
    expect([await traveller.run(next), await traveller.run(next), count, seen.size]).toEqual([[1, 1], [1, 1], 0, 0]);
  });

  it("are one copy for all functions of a call", async () => {
    const log: string[] = [];
    const write = (text: string): number => log.push(text);
    const read = (): string => log.join();
    const both = (): string => (write("a"), write("b"), read());
    expect(await traveller.run(both)).toBe("a,b");
  });

  it("that one function assigns to and others use are one variable in the worker too", async () => {
    let count = 0;
    let log: string | undefined;
    const increment = (): number => ++count;
    const note = (): void => void (log = `${log ?? ""}${count};`);
    const twice = async (): Promise<unknown> => {
      increment();
      note();
      await Promise.resolve();
      increment();
      note();
      return [count, log, { count }];
    };
    expect(await traveller.run(twice)).toEqual([2, "1;2;", { count: 2 }]);
    expect(await traveller.run(twice)).toEqual([2, "1;2;", { count: 2 }]);
    expect(count).toBe(0);
  });

  it("that hold functions are a copy as well", async () => {
    let handler = (): number => 1;
    const replace = (): void => void (handler = () => 2);
    const both = (): [number, number] => {
      const before = handler();
      replace();
      return [before, handler()];
    };
    expect([await traveller.run(both), await traveller.run(both)]).toEqual([[1, 2], [1, 2]]);
  });

  it("that are assigned to are refused if it is unknown whether closures share them", async () => {
    const makeCounter = (): { add: () => number } => {
      let count = 0;
      return { add: () => ++count };
    };
    const [a, b] = [makeCounter(), makeCounter()];
    expect(await traveller.run(() => [a.add(), a.add()])).toEqual([1, 2]);
    await expect(locate(() => [a.add(), b.add()])).rejects.toThrow(/captures add \(.*\), which captures count \(declared at .*by-value\.test\.ts:\d+:\d+\), a variable that is assigned to, and used by two closures of add/);
  });
});

describe("a payload", () => {
  it("is one for all closures of the same code", async () => {
    const make = (x: number) => () => x * factor;
    const [one, two] = [await locate(make(1)), await locate(make(2))];
    expect(one.payload).toBe(two.payload);
    expect(one.captures).not.toEqual(two.captures);
  });

  it("is the whole function if it captures only functions; later calls do not wait", async () => {
    const inner = (x: number): number => x + 1;
    const outer = (x: number): number => inner(inner(x));
    const located = await locate(outer);
    expect(located.captures).toBeUndefined();
    expect(locateFunction(outer as CallTarget)).toBe(located);
    expect(await traveller.run(outer, 1)).toBe(3);
  });
});

describe("a function in the worker", () => {
  it("keeps its name, its length and its own properties", async () => {
    const helper = (a: number, b: number): number => a + b;
    Object.assign(helper, { unit: "ms", twice: (x: number) => 2 * x });
    const describeHelper = (): unknown[] => [helper.name, helper.length, Object.entries(helper).map(([key, value]: [string, unknown]) => (typeof value === "function" ? (value as typeof double)(4) : [key, value])), helper(1, 2)];
    expect(await traveller.run(describeHelper)).toEqual(describeHelper());
  });

  it("throws with a stack of its original source", async () => {
    const error = (await traveller.run(getFails(), "here").catch((reason: unknown) => reason)) as Error;
    expect(error.message).toBe("far away: here");
    expect(error.stack).toMatch(/at fails \(file:.*fixtures\/function\/throws\.mjs:5:9\)/);
  });
});

describe("in a module that a test runner evaluates", () => {
  it("carries captured imports of builtins, packages and modules", async () => {
    expect(await traveller.run((path: string) => basename(path) + factor, "/a/b")).toBe("b4");
    expect(await traveller.run(() => fs.existsSync("/"))).toBe(true);
    expect(await traveller.run(() => parse("1", { ecmaVersion: 2022 }).type)).toBe("Program");
    expect(await traveller.run(() => greet("you"))).toBe("hello you");
  });

  it("carries functions and classes of other modules that it evaluates", async () => {
    expect(await traveller.run(double, 3)).toBe(6);
    expect(await traveller.run(() => [double(3), new Ticket().print()])).toEqual([6, "ticket 1"]);
  });
});
