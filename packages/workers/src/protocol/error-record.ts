// An error as plain data: class, message, stack, and each own property with its flags. Structured clone would drop
// most of it. The receiver makes an error with the same class name, which is an instance of the same builtin error
// class. parcel.ts packs the values of its properties.
import { types } from "node:util";
import * as errors from "../executor/errors.js";
import { filesMappedHere, mappedStack } from "./mapped-stack.js";

export interface ErrorRecord {
  /** `error.constructor.name`. */
  readonly className: string;
  /** The nearest builtin class: `Error`, `TypeError`, …, `AggregateError`, `DOMException`. */
  readonly base: string;
  readonly message: string;
  readonly name: string;
  readonly stack: string;
  /** The files in the stack whose locations are those in the sources. */
  readonly mapped?: readonly string[];
  /** Its properties: key and flags. */
  readonly own: readonly (readonly [key: string | SymbolKey, flags: number])[];
  /** Their values, in the same order. */
  readonly values: unknown[];
}

/** A symbol by its name. A symbol that is not registered arrives as a new symbol with the same description. */
interface SymbolKey {
  readonly description: string | undefined;
  readonly from: "Symbol.for" | "Symbol" | "itself";
}

const ENUMERABLE = 1;
const WRITABLE = 2;
const CONFIGURABLE = 4;
/** The class gave the property. It is not defined again if the class on arrival gives it too. */
const INHERITED = 8;

type Class = abstract new (...args: never[]) => Error;

type Builtins = Readonly<Record<string, Class>>;

const builtins: Builtins = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError };

/** Properties that a class may define for all of its errors. */
const inherited = ["name", "message", "code", "cause"] as const;

/** Takes an error apart. The record's values are the error's own values, not copies. Never throws. */
export function recordError(error: Error): ErrorRecord {
  const name = stringOf(read(error, "name"), "Error");
  const message = stringOf(read(error, "message"), "");
  const stack = read(error, "stack");
  const own: [key: string | SymbolKey, flags: number][] = [];
  const values: unknown[] = [];
  const base = baseOf(error);
  for (const key of Reflect.ownKeys(error)) {
    if (key === "stack") continue;
    const { enumerable, writable = true, configurable, ...found } = Object.getOwnPropertyDescriptor(error, key)!;
    const value = "value" in found ? found.value : readOr(error, key);
    if (typeof key === "symbol" && (typeof value === "function" || typeof value === "symbol")) continue;
    own.push([typeof key === "symbol" ? symbolKey(key) : key, (enumerable ? ENUMERABLE : 0) | (writable ? WRITABLE : 0) | (configurable ? CONFIGURABLE : 0)]);
    values.push(value);
  }
  for (const key of inherited) {
    if (Object.hasOwn(error, key) || (base === "DOMException" && key !== "cause")) continue;
    const value = read(error, key);
    const worthwhile = key === "cause" ? types.isNativeError(value) : typeof value === "string" || typeof value === "number";
    if (!worthwhile || value === (builtins[base]?.prototype as Error | undefined)?.[key as "name"]) continue;
    own.push([key, INHERITED | WRITABLE | CONFIGURABLE | (key === "code" ? ENUMERABLE : 0)]);
    values.push(value);
  }
  const text = typeof stack === "string" ? stack : message === "" ? name : `${name}: ${message}`;
  const mapped = filesMappedHere(text);
  return { className: classNameOf(error), base, message, name, stack: text, ...(mapped === undefined ? {} : { mapped }), own, values };
}

/**
 * Makes a genuine error, with the internal slot of an error. Its class is the class that was thrown, or a class with
 * the same name.
 * @param callerStack appended to its stack
 * @param global the global object that has the builtin classes; `undefined`: this context's
 */
export function makeError(record: ErrorRecord, callerStack: string | undefined, global: object | undefined): Error {
  const stack = callerStack === undefined ? record.stack : `${mappedStack(record.stack, record.mapped)}\n    --- called from ---\n${callerStack}`;
  const classes = classesIn(global);
  const restore = withoutStack(classes.builtins["Error"] as ErrorConstructor);
  try {
    const error = construct(record, classes);
    define(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
    return error;
  } finally {
    restore();
  }
}

function construct(record: ErrorRecord, { builtins, standIns }: Classes): Error {
  const { base, message, name } = record;
  if (base === "DOMException") return new DOMException(message, name);
  const parent = builtins[base] ?? Error;
  const error = Reflect.construct(parent, base === "AggregateError" ? [[]] : [], ownClass(record) ?? classOf(record.className, parent, base, standIns)) as Error;
  delete (error as { errors?: unknown }).errors;
  return error;
}

/** Defines the properties of an error. Their values have been unpacked before. */
export function finishError({ own, values }: ErrorRecord, error: Error): void {
  own.forEach(([key, flags], index) => {
    if ((flags & INHERITED) !== 0 && read(error, key as string) === values[index]) return;
    define(error, typeof key === "string" ? key : symbolOf(key), { value: values[index], enumerable: (flags & ENUMERABLE) !== 0, writable: (flags & WRITABLE) !== 0, configurable: (flags & CONFIGURABLE) !== 0 });
  });
}

/** Defines a property, if the platform allows it. */
function define(error: Error, key: string | symbol, descriptor: PropertyDescriptor): void {
  try {
    Reflect.defineProperty(error, key, descriptor);
  } catch {
    // `Error` is frozen, with a prepareStackTrace that throws.
  }
}

/**
 * Prevents that a new error records and formats a stack, because it gets the stack of the worker. Formatting could
 * run the program's `prepareStackTrace`, which may throw. A frozen `Error` records and formats it all the same.
 * @returns a function that undoes this
 */
function withoutStack(itsError: ErrorConstructor): () => void {
  const { stackTraceLimit, prepareStackTrace } = itsError;
  Reflect.set(itsError, "stackTraceLimit", 0);
  if (prepareStackTrace !== undefined) Reflect.set(itsError, "prepareStackTrace", undefined);
  return () => {
    Reflect.set(itsError, "stackTraceLimit", stackTraceLimit);
    if (prepareStackTrace !== undefined) Reflect.set(itsError, "prepareStackTrace", prepareStackTrace);
  };
}

/** The class of an error of this package; `undefined`: the error is not one. */
function ownClass({ className, own, values }: ErrorRecord): Class | undefined {
  const code = values[own.findIndex(([key]) => key === "code")];
  const ours = typeof code === "string" && code.startsWith("ERR_OFFLOOP_") && Object.hasOwn(errors, className);
  return ours ? (errors as unknown as Record<string, Class>)[className] : undefined;
}

/** The classes of the errors of one context. */
interface Classes {
  readonly builtins: Builtins;
  readonly standIns: Map<string, Class>;
}

const classes: Classes = { builtins, standIns: new Map() };
const foreignClasses = new WeakMap<object, Classes>();

function classesIn(global: object | undefined): Classes {
  if (global === undefined) return classes;
  let found = foreignClasses.get(global);
  if (found === undefined) {
    const its = (name: string): unknown => ownValue(global, name);
    const named = Object.keys(builtins).map((name) => [name, typeof its(name) === "function" ? its(name) : builtins[name]]);
    foreignClasses.set(global, (found = { builtins: Object.fromEntries(named) as Builtins, standIns: new Map() }));
  }
  return found;
}

/** The builtin class, or a stand-in with the class's name that extends the same builtin. */
function classOf(className: string, parent: Class, base: string, standIns: Map<string, Class>): Class {
  if (className === base) return parent;
  const key = `${base}/${className}`;
  let standIn = standIns.get(key);
  if (standIn === undefined) {
    standIn = class extends (parent as ErrorConstructor) {};
    Object.defineProperty(standIn, "name", { value: className });
    if (standIns.size < MAX_STAND_INS) standIns.set(key, standIn);
  }
  return standIn;
}

/** The number of stand-ins that are kept. A program that generates class names must not fill the memory. */
const MAX_STAND_INS = 1_000;

function classNameOf(error: Error): string {
  const made = read(error, "constructor");
  const name: unknown = typeof made === "function" ? read(made, "name") : undefined;
  return typeof name === "string" && name !== "" ? name : "Error";
}

function baseOf(error: Error): string {
  for (let each: object | null = error; each !== null; each = prototypeOf(each)) {
    const made = ownValue(each, "constructor");
    const name = typeof made === "function" ? ownValue(made, "name") : undefined;
    if (typeof name !== "string") continue;
    if (Object.hasOwn(builtins, name) || (name === "DOMException" && made === globalThis.DOMException)) return name;
  }
  return "Error";
}

function ownValue(object: object, key: string): unknown {
  try {
    return Object.getOwnPropertyDescriptor(object, key)?.value;
  } catch {
    return undefined;
  }
}

function prototypeOf(object: object): object | null {
  try {
    return Object.getPrototypeOf(object) as object | null;
  } catch {
    return null;
  }
}

function read(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** The value of a property, or a string with the error that its getter threw. */
function readOr(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch (error) {
    return `reading it threw ${types.isNativeError(error) ? `${String(read(error, "name"))}: ${String(read(error, "message"))}` : "an exception"}`;
  }
}

function stringOf(value: unknown, absent: string): string {
  try {
    return value === undefined ? absent : String(value);
  } catch {
    return absent;
  }
}

function symbolKey(symbol: symbol): SymbolKey {
  const registered = Symbol.keyFor(symbol);
  if (registered !== undefined) return { description: registered, from: "Symbol.for" };
  const wellKnown = Object.getOwnPropertyNames(Symbol).find((name) => (Symbol as unknown as Record<string, unknown>)[name] === symbol);
  return wellKnown === undefined ? { description: symbol.description, from: "itself" } : { description: wellKnown, from: "Symbol" };
}

function symbolOf({ description, from }: SymbolKey): symbol {
  if (from === "Symbol.for") return Symbol.for(description!);
  return from === "Symbol" ? (Symbol as unknown as Record<string, symbol>)[description!]! : Symbol(description);
}
