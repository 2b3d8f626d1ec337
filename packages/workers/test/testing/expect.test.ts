// The assertions of the contract suite: each holds where it should, and fails where it should.
import { expect as check, matching } from "#workers/testing/expect.js";
import { expect, it } from "vitest";

const throws = (error: unknown) => () => {
  throw error;
};

it.each<[what: string, holds: () => void, fails: () => void]>([
  ["toBe", () => check(NaN).toBe(NaN), () => check({}).toBe({})],
  ["not.toBe", () => check(0).not.toBe(-0), () => check(1).not.toBe(1)],
  ["toEqual", () => check([{ a: new Set([1]) }, undefined]).toEqual([{ a: new Set([1]) }, undefined]), () => check([1, 2]).toEqual([1])],
  ["toEqual with a pattern", () => check([1, "text"]).toEqual([1, matching(/ex/)]), () => check(["text"]).toEqual([matching(/no/)])],
  ["toEqual of a longer list", () => check([]).toEqual([]), () => check([1]).toEqual([1, 2])],
  ["toMatchObject", () => check({ a: { b: 1, c: 2 }, d: 3 }).toMatchObject({ a: { b: 1 } }), () => check({ a: 1 }).toMatchObject({ a: 1, b: undefined, c: 2 })],
  ["toMatchObject of inherited properties", () => check(new TypeError("x")).toMatchObject({ name: "TypeError", message: "x" }), () => check(null).toMatchObject({ name: "x" })],
  ["toBeInstanceOf", () => check(new TypeError()).toBeInstanceOf(Error), () => check({}).toBeInstanceOf(Error)],
  ["toBeUndefined", () => check(undefined).toBeUndefined(), () => check(null).toBeUndefined()],
  ["toBeGreaterThan", () => check(2).toBeGreaterThan(1), () => check(1).toBeGreaterThan(1)],
  ["toBeLessThan", () => check(1).toBeLessThan(2), () => check(2).toBeLessThan(2)],
  ["toBeLessThanOrEqual", () => check(2).toBeLessThanOrEqual(2), () => check(3).toBeLessThanOrEqual(2)],
  ["toContain", () => check("abc").toContain("b"), () => check("abc").toContain("d")],
  ["toMatch", () => check("abc").toMatch(/b/), () => check(undefined).toMatch(/undefined/)],
  ["toHaveLength", () => check([1]).toHaveLength(1), () => check(undefined).toHaveLength(1)],
  ["toThrow a class", () => check(throws(new RangeError())).toThrow(RangeError), () => check(throws(new Error())).toThrow(RangeError)],
  ["toThrow a text", () => check(throws(new Error("broken"))).toThrow("broke"), () => check(throws(new Error("broken"))).toThrow("whole")],
  ["toThrow a pattern", () => check(throws(new Error("broken"))).toThrow(/broke/), () => check(() => {}).toThrow(/./)],
  ["not.toThrow", () => check(() => {}).not.toThrow(), () => check(throws(undefined)).not.toThrow()],
])("%s", (_what, holds, fails) => {
  expect(holds).not.toThrow();
  expect(fails).toThrow(/expected/);
});

it("a failure shows the expectation, the value and the subject", () => {
  expect(() => check({ a: 1 }, "options").toEqual({ a: 2 })).toThrow("options: expected { a: 1 } to equal { a: 2 }");
});
