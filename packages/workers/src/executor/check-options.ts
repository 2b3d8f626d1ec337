// The check of options for every public function that takes options. Each options type has a table beside its
// defaults, which describes the values that each option takes. checkOptions() checks the given options by it.
//
//   { timeoutMs: 50 } ─▶ checkOptions("wait()", given, table) ─▶ the options that were given, each read once
import { types } from "node:util";
import { isError } from "./realm.js";
import { functionName, textOf } from "./text-of.js";
import { InvalidArgumentError, InvalidOptionError } from "./errors.js";

/** The values that an option takes: as words for the message, and as a check. */
export interface OptionType {
  /** What the option takes, as the message of `InvalidOptionError` says it: `milliseconds, more than 0`. */
  readonly takes: string;
  /** Whether the option takes this value. `undefined` is never passed: it counts as not given. */
  accepts(value: unknown): boolean;
}

/** A type for each option of `O`. */
export type OptionTable<O extends object> = { readonly [K in keyof O]-?: OptionType };

/**
 * Checks the options of a call of `of`.
 * @param of the name of the function in messages: `wait()`, `new Queue()`
 * @param given the options as the caller has passed them; `undefined`: no options
 * @returns the options that have a value; an option that is `undefined` was not given
 * @throws InvalidOptionError `given` is no object of options, an option is unknown, or its value does not fit
 */
export function checkOptions<O extends object>(of: string, given: O | undefined, table: OptionTable<O>): Partial<O> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given) || !(isPlain(given) || isOptionsInstance(given))) {
    throw new InvalidOptionError("options", `${of} takes its options as an object with ${list(Object.keys(table))}; got ${describeValue(given)}.`);
  }
  for (const key of Object.keys(given)) if (!Object.hasOwn(table, key)) throw unknownOption(of, key, Object.keys(table));
  const checked: Record<string, unknown> = {};
  // An instance of a class may inherit options from its prototype. Of a plain object only own properties count.
  for (const key of isPlain(given) ? Object.keys(given) : Object.keys(table).filter((each) => each in given)) {
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined) continue;
    checkOption(of, key, value, table[key as keyof O]);
    checked[key] = value;
  }
  return checked as Partial<O>;
}

/** For a function whose options are required. @throws InvalidOptionError the options are missing */
export function requireOptions<O extends object>(of: string, given: O | undefined): O {
  if (given === undefined) throw new InvalidOptionError("options", `${of} takes an object of options; got undefined.`);
  return given;
}

/** Checks one option, or an argument that is checked like an option. @throws InvalidOptionError the value does not fit */
export function checkOption(of: string, option: string, value: unknown, type: OptionType): void {
  if (!type.accepts(value)) throw invalidOption(of, option, value, type.takes);
}

/** The error for a value that an option does not take. */
export function invalidOption(of: string, option: string, got: unknown, takes: string): InvalidOptionError {
  return new InvalidOptionError(option, `${option} of ${of} takes ${takes}; got ${describeValue(got)}.`);
}

/** The error for an argument that `of` does not take. @param write the code to write instead */
export function invalidArgument(of: string, takes: string, got: unknown, write?: string): InvalidArgumentError {
  return new InvalidArgumentError(`${of} takes ${takes}; got ${describeValue(got)}.${write === undefined ? "" : ` Write ${write}.`}`);
}

function unknownOption(of: string, key: string, known: readonly string[]): InvalidOptionError {
  const meant = closest(key, known);
  return new InvalidOptionError(key, `unknown option \`${key}\` of ${of}; ${meant === undefined ? `it takes ${list(known)}.` : `did you mean \`${meant}\`?`}`);
}

// — the types of options —

/** A span of time, in milliseconds. */
export const spanMs: OptionType = { takes: "milliseconds: a number of 0 or more, or Infinity", accepts: (value) => typeof value === "number" && value >= 0 };
/** A span of time of at least `least` milliseconds. */
export const atLeastMs = (least: number): OptionType => ({ takes: `milliseconds: a number of ${least} or more, or Infinity`, accepts: (value) => typeof value === "number" && value >= least });
/** Any number but NaN. */
export const number: OptionType = { takes: "a number", accepts: (value) => typeof value === "number" && !Number.isNaN(value) };
/** Any finite number. */
export const finiteNumber: OptionType = { takes: "a finite number", accepts: Number.isFinite };
/** A boolean. */
export const flag: OptionType = { takes: "true or false", accepts: (value) => typeof value === "boolean" };
/** Any string. */
export const text: OptionType = { takes: "a string", accepts: (value) => typeof value === "string" };
/** A string that is not empty. */
export const nameText: OptionType = { takes: "a string that is not empty", accepts: (value) => typeof value === "string" && value !== "" };
/** A function. */
export const callback: OptionType = { takes: "a function", accepts: (value) => typeof value === "function" };
/** An AbortSignal. */
export const abortSignal: OptionType = { takes: "an AbortSignal", accepts: (value) => value instanceof AbortSignal };
/** Any value. */
export const anything: OptionType = { takes: "any value", accepts: () => true };
/** An array of strings. */
export const stringList: OptionType = { takes: "an array of strings", accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === "string") };
/** The environment of a worker. */
export const environment: OptionType = {
  takes: "an object of strings, or SHARE_ENV of node:worker_threads",
  accepts: (value) => value === SHARED_ENVIRONMENT || (typeof value === "object" && value !== null && !Array.isArray(value)),
};

/** `SHARE_ENV` of `node:worker_threads`, which this module does not load. */
const SHARED_ENVIRONMENT = Symbol.for("nodejs.worker_threads.SHARE_ENV");

/** An integer from `least` to `most`. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): OptionType {
  const range = most === Number.MAX_SAFE_INTEGER ? `an integer of ${least} or more` : `an integer from ${least} to ${most}`;
  return { takes: range, accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most };
}

/** An integer from `least` on, or Infinity for "no limit". */
export function integerOrInfinity(least: number): OptionType {
  return { takes: `an integer of ${least} or more, or Infinity`, accepts: (value) => value === Infinity || (Number.isSafeInteger(value) && (value as number) >= least) };
}

/** One of these strings. */
export function oneOf(...values: readonly string[]): OptionType {
  const quoted = values.map((value) => JSON.stringify(value));
  return { takes: `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`, accepts: (value) => values.includes(value as string) };
}

/** An instance of a class. @param takes the class in words, for the message */
export function instanceOf(Class: abstract new (...args: never[]) => unknown, takes: string): OptionType {
  return { takes, accepts: (value) => value instanceof Class };
}

/** Takes an object with these methods. */
export function objectWith(methods: readonly string[], takes: string): OptionType {
  return { takes, accepts: (value) => typeof value === "object" && value !== null && methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function") };
}

// — texts of messages —

/** A value in a message. */
export function describeValue(value: unknown): string {
  try {
    return describe(value);
  } catch {
    return textOf(value); // reading its class threw
  }
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `a function (${functionName(value) || "anonymous"})`;
  if (types.isPromise(value)) return "a promise";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return `an object (${value.constructor?.name ?? "null prototype"})`;
  return String(value);
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? (quoted[0] ?? "no options") : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}

/** Whether an instance of a class can be a record of options. Instances of these classes were passed in place of options. */
function isOptionsInstance(value: object): boolean {
  return !(value instanceof AbortSignal || types.isPromise(value) || types.isDate(value) || types.isMap(value) || types.isSet(value) || isError(value));
}

function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The known name that was most likely meant; `undefined`: none is similar. */
function closest(key: string, known: readonly string[]): string | undefined {
  const written = key.toLowerCase();
  const near = known
    .map((name) => ({ name, distance: distanceOf(written, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)) || (written.length > 3 && name.toLowerCase().startsWith(written)));
  return near.sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** The number of letters to insert, remove, change or swap with their neighbour (the edit distance). */
function distanceOf(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      let least = Math.min(changed, row[j - 1]! + 1, rows[i - 1]![j]! + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
