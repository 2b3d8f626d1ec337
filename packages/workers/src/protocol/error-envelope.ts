// How a thrown value crosses: class name, message, code, cause, AggregateError.errors, own properties
// and the worker's stack, all as plain data. Structured clone alone drops most of these.
//
//   entry/run-calls.ts  packThrown ─▶ Envelope ─▶ unpackThrown  dispatch/dispatcher.ts
//
// The arriving side creates an error with the name of the thrown class. It is an `instanceof` the builtin
// class that the thrown class extends. Its stack is the worker's, followed by the caller's.
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
  /** Own properties besides those above. Each can be cloned. */
  readonly properties: Record<string, unknown>;
  /** Own properties that cannot be cloned, each with its description. */
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

/** The depth to which causes and nested errors are followed. A guess that no real chain reaches. */
const MAX_DEPTH = 16;

const own = new Set(["message", "stack", "cause", "errors"]);

/** Packs any thrown value. Never throws. */
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
  // A class may define `name` and `code` on its prototype.
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
 * Creates the thrown value again.
 * @param callerStack the stack lines of the caller, without a title line; `undefined`: joins none
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

/** An error with the internal slot of an error, of the thrown class or of a class with its name. */
function construct(envelope: ErrorEnvelope): Error {
  const { className, base, message } = envelope;
  if (base === "DOMException") return new DOMException(message, String(envelope.properties.name ?? "Error"));
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // the worker's stack replaces it
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

/** The class of an error of this project that was thrown in the worker: the same class here. */
function ownClass({ className, properties }: ErrorEnvelope): Class | undefined {
  const ours = typeof properties.code === "string" && properties.code.startsWith("ERR_OFFLOOP_") && Object.hasOwn(errors, className);
  return ours ? (errors as unknown as Record<string, Class>)[className] : undefined;
}

type Class = abstract new (...args: never[]) => Error;
const standIns = new Map<string, Class>();

/** The builtin class, or a substitute with the name of the thrown class that extends the builtin class. */
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

/** Limits the memory for class names that are created at run time. */
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
