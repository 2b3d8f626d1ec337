// The assertions of the contract suite, over node:assert: they work under any test runner.
import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";

/** Stands for a text in a comparison: equals each text that the pattern matches. */
class Matching {
  readonly pattern: RegExp;

  constructor(pattern: RegExp) {
    this.pattern = pattern;
  }
}

/** A placeholder in a comparison, for any text that the pattern matches. */
export const matching = (pattern: RegExp): unknown => new Matching(pattern);

/** The assertions that the suites use. Each throws an AssertionError if it does not hold. */
export interface Expectation {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  /** The value has every property of `expected`, with an equal value. */
  toMatchObject(expected: object): void;
  toBeInstanceOf(expected: abstract new (...args: never[]) => unknown): void;
  toBeUndefined(): void;
  toBeGreaterThan(expected: number): void;
  toBeLessThan(expected: number): void;
  toBeLessThanOrEqual(expected: number): void;
  /** The text contains it. */
  toContain(expected: string): void;
  toMatch(expected: RegExp): void;
  toHaveLength(expected: number): void;
  /** The function throws an error of this class, or with this message. */
  toThrow(expected: RegExp | string | (abstract new (...args: never[]) => unknown)): void;
}

/** The assertions about a value. @param about the beginning of the message of a failure */
export function expect(actual: any, about?: string): Expectation & { readonly not: Pick<Expectation, "toBe"> & { toThrow(): void } } {
  const check = (holds: boolean, relation: string, expected: unknown): void => {
    if (!holds) throw new assert.AssertionError({ message: `${about === undefined ? "" : `${about}: `}expected ${show(actual)} ${relation} ${show(expected)}`, actual, expected, operator: relation });
  };
  return {
    toBe: (expected) => check(Object.is(actual, expected), "to be", expected),
    toEqual: (expected) => check(equals(actual, expected), "to equal", expected),
    toMatchObject: (expected) => check(contains(actual, expected), "to have", expected),
    toBeInstanceOf: (expected) => check(actual instanceof expected, "to be an instance of", expected),
    toBeUndefined: () => check(actual === undefined, "to be", undefined),
    toBeGreaterThan: (expected) => check(actual > expected, "to be greater than", expected),
    toBeLessThan: (expected) => check(actual < expected, "to be less than", expected),
    toBeLessThanOrEqual: (expected) => check(actual <= expected, "to be at most", expected),
    toContain: (expected) => check(typeof actual === "string" && actual.includes(expected), "to contain", expected),
    toMatch: (expected) => check(typeof actual === "string" && expected.test(actual), "to match", expected),
    toHaveLength: (expected) => check(actual?.length === expected, "to have the length", expected),
    toThrow(expected) {
      const thrown = thrownBy(actual);
      check(thrown !== undefined, "to throw", expected);
      const { error } = thrown!;
      if (typeof expected === "function") check(error instanceof expected, "to throw an instance of", expected);
      else check(typeof expected === "string" ? String(error).includes(expected) : expected.test(String(error)), `to throw ${show(error)} with`, expected);
    },
    not: {
      toBe: (expected) => check(!Object.is(actual, expected), "not to be", expected),
      toThrow: () => check(thrownBy(actual) === undefined, "not to throw", thrownBy(actual)?.error),
    },
  };
}

function thrownBy(action: () => unknown): { readonly error: unknown } | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Deep equality, with patterns in place of texts. */
function equals(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Matching) return typeof actual === "string" && expected.pattern.test(actual);
  if (!Array.isArray(expected)) return isDeepStrictEqual(actual, expected);
  return Array.isArray(actual) && actual.length === expected.length && expected.every((each, index) => equals(actual[index], each));
}

/** Whether a value has each property of `expected`, own or inherited. */
function contains(actual: any, expected: any): boolean {
  if (typeof expected !== "object" || expected === null || expected instanceof Matching || Array.isArray(expected)) return equals(actual, expected);
  return actual !== null && actual !== undefined && Object.entries(expected).every(([key, value]) => contains(actual[key], value));
}

const show = (value: unknown): string => inspect(value, { depth: 4, breakLength: Infinity });
