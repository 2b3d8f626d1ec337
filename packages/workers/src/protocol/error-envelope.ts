// How a thrown value crosses: class name, message, code, cause, AggregateError.errors, own
// properties and the worker's stack, all as plain data. Structured clone alone drops most of it.
//
//   entry/run-calls.ts  packThrown ─▶ Envelope ─▶ unpackThrown  dispatch/dispatcher.ts
//
// On arrival an Error of the same class name is made, an `instanceof` the builtin error that its
// class extends, with the stack of the worker joined to that of the caller.
import * as errors from "../executor/errors.js";

/** A thrown value as plain data. */
export type Envelope = ErrorEnvelope | { readonly kind: "value"; readonly value: unknown };

interface ErrorEnvelope {
  readonly kind: "error";
  /** `error.constructor.name`. */
  readonly className: string;
  /** The nearest builtin class: `Error`, `TypeError`, …, `AggregateError`, `DOMException`. */
  readonly base: string;
  readonly message: string;
  readonly stack: string;
  readonly cause?: Envelope;
  readonly errors?: readonly Envelope[];
  /** Own properties besides those above; each could be cloned. */
  readonly properties: Record<string, unknown>;
  /** Own properties that could not be cloned, each with how it looked. */
  readonly dropped?: Record<string, string>;
}

const builtins: Record<string, ErrorConstructor> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

/** How many causes and nested errors deep an error is followed: a guess that no real chain reaches. */
const MAX_DEPTH = 16;

const own = new Set(["message", "stack", "cause", "errors"]);

/** Packs whatever was thrown. Never throws. */
export function packThrown(thrown: unknown, depth = 0): Envelope {
  try {
    if (!isError(thrown)) return { kind: "value", value: cloneable(thrown) ? thrown : `${describeValue(thrown)} (could not be cloned)` };
    return packError(thrown, depth);
  } catch (error) {
    return { kind: "value", value: `a value that could not be read was thrown (${String(error)})` };
  }
}

function packError(error: Error, depth: number): ErrorEnvelope {
  const properties: Record<string, unknown> = {};
  const dropped: Record<string, string> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (own.has(key)) continue;
    const value = (error as unknown as Record<string, unknown>)[key];
    if (isError(value) || !cloneable(value)) dropped[key] = describeValue(value);
    else properties[key] = value;
  }
  // `name` and `code` may come from the prototype, where a class has put them.
  for (const key of ["name", "code"] as const) {
    const value = (error as { name?: unknown; code?: unknown })[key];
    if (!(key in properties) && (typeof value === "string" || typeof value === "number")) properties[key] = value;
  }
  const nested = depth < MAX_DEPTH;
  return {
    kind: "error",
    className: classNameOf(error),
    base: baseOf(error),
    message: String(error.message),
    stack: typeof error.stack === "string" ? error.stack : `${error.name}: ${error.message}`,
    ...("cause" in error && nested ? { cause: packThrown(error.cause, depth + 1) } : {}),
    ...(nested && Array.isArray((error as AggregateError).errors)
      ? { errors: (error as AggregateError).errors.map((each) => packThrown(each, depth + 1)) }
      : {}),
    properties,
    ...(Object.keys(dropped).length > 0 ? { dropped } : {}),
  };
}

/**
 * Makes the thrown value again.
 * @param callerStack the stack lines of whoever made the call, without a title line; `undefined` to join none
 */
export function unpackThrown(envelope: Envelope, callerStack?: string): unknown {
  if (envelope.kind === "value") return envelope.value;
  const error = construct(envelope);
  const hide = (key: string, value: unknown): void => {
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
  };
  const show = (key: string, value: unknown): void => {
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: true });
  };
  hide("stack", callerStack === undefined ? envelope.stack : `${envelope.stack}\n    --- called from ---\n${callerStack}`);
  if (envelope.cause !== undefined) hide("cause", unpackThrown(envelope.cause));
  for (const [key, value] of Object.entries(envelope.properties)) {
    if (key !== "name") show(key, value);
    else if (value !== error.name) hide(key, value);
  }
  for (const [key, looked] of Object.entries(envelope.dropped ?? {})) show(key, `${looked} (could not be cloned)`);
  return error;
}

/** A genuine error (with an error's internal slot) of the class that was thrown, or of one with its name. */
function construct(envelope: ErrorEnvelope): Error {
  const { className, base, message } = envelope;
  if (base === "DOMException") return new DOMException(message, String(envelope.properties.name ?? "Error"));
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // the stack is the worker's; taking one here would be work for nothing
  try {
    const newTarget = ownClass(envelope) ?? classOf(className, base);
    if (base === "AggregateError") {
      const errors = (envelope.errors ?? []).map((each) => unpackThrown(each));
      return Reflect.construct(AggregateError, [errors, message], newTarget) as Error;
    }
    return Reflect.construct(builtins[base] ?? Error, [message], newTarget) as Error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Errors of ours that were raised in the worker are of the same class here. */
function ownClass({ className, properties }: ErrorEnvelope): Class | undefined {
  const ours = typeof properties.code === "string" && properties.code.startsWith("ERR_OFFLOOP_") && Object.hasOwn(errors, className);
  return ours ? (errors as unknown as Record<string, Class>)[className] : undefined;
}

type Class = abstract new (...args: never[]) => Error;
const standIns = new Map<string, Class>();

/** The builtin class, or a stand-in with the class's name that extends the same builtin. */
function classOf(className: string, base: string): Class {
  const parent: Class = base === "AggregateError" ? AggregateError : (builtins[base] ?? Error);
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

/** Class names made up at run time shall not fill the memory. */
const MAX_STAND_INS = 1_000;

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function classNameOf(error: Error): string {
  const name: unknown = error.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "Error";
}

function baseOf(error: Error): string {
  if (typeof DOMException === "function" && error instanceof DOMException) return "DOMException";
  if (error instanceof AggregateError) return "AggregateError";
  for (let prototype: unknown = error; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const name: unknown = (prototype as Error).constructor?.name;
    if (typeof name === "string" && Object.hasOwn(builtins, name) && Object.hasOwn(prototype as object, "constructor")) return name;
  }
  return "Error";
}

function cloneable(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function describeValue(value: unknown): string {
  if (typeof value === "function") return `[function ${value.name || "(anonymous)"}]`;
  if (isError(value)) return `[${value.name}: ${value.message}]`;
  if (typeof value === "object" && value !== null) return `[object ${value.constructor?.name ?? "Object"}]`;
  return String(value);
}
