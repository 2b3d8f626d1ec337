// When structured clone refuses a value it does not say where: this finds the path to the culprit.
// Called on the error path alone, by both sides; costs about as much as a few clones.
import { CloneError } from "../executor/errors.js";

/** Turns a refusal to clone `value` into an error that names the path, as `args[0].user.socket`. */
export function diagnoseClone(value: unknown, root: string, callName: string, transfer: readonly unknown[], cause: unknown): CloneError {
  const culprit = findCulprit(value, root, new Set(transfer), new Set());
  const path = culprit?.path ?? root;
  const what = culprit === undefined ? "a value" : describe(culprit.value);
  const message = `${path} cannot be cloned to ${root === "result" ? "the caller" : "the worker"} of ${callName}: it is ${what}. ${advice(culprit?.value)}`;
  return new CloneError(message, path, { cause });
}

interface Culprit {
  readonly path: string;
  readonly value: unknown;
}

function findCulprit(value: unknown, path: string, transferred: Set<unknown>, seen: Set<unknown>): Culprit | undefined {
  if (typeof value === "function" || typeof value === "symbol") return { path, value };
  if (typeof value !== "object" || value === null || transferred.has(value) || seen.has(value)) return undefined;
  seen.add(value);
  if (clones(value)) return undefined;
  for (const [childPath, child] of children(value, path)) {
    const found = findCulprit(child, childPath, transferred, seen);
    if (found !== undefined) return found;
  }
  return { path, value };
}

/** Whether structured clone takes `value` as it is. */
export function clones(value: object): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** What structured clone would descend into. */
function* children(value: object, path: string): Generator<[path: string, value: unknown]> {
  if (value instanceof Map) {
    let index = 0;
    for (const [key, item] of value) {
      yield [`${path}.keys()[${index}]`, key];
      yield [`${path}.get(${keyText(key, index)})`, item];
      index += 1;
    }
  } else if (value instanceof Set) {
    let index = 0;
    for (const item of value) yield [`${path}.values()[${index++}]`, item];
  } else {
    if (!Array.isArray(value) && isHostObject(value)) return;
    for (const key of Object.keys(value)) {
      const childPath = Array.isArray(value) ? `${path}[${key}]` : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      yield [childPath, read(value, key)];
    }
  }
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (error) {
    return error;
  }
}

/** Objects that are refused as they are, whatever they hold: naming their innards would not help. */
function isHostObject(value: object): boolean {
  const { constructor, on } = value as { constructor?: unknown; on?: unknown };
  return (constructor !== Object && typeof on === "function") || ["WeakMap", "WeakSet", "WeakRef", "Promise", "Generator"].includes(tagOf(value));
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function keyText(key: unknown, index: number): string {
  return typeof key === "string" ? JSON.stringify(key) : typeof key === "number" ? String(key) : `key ${index}`;
}

function describe(value: unknown): string {
  if (typeof value === "function") return `a function${value.name ? ` (${value.name})` : ""}`;
  if (typeof value === "symbol") return `a symbol (${String(value)})`;
  if (typeof value !== "object" || value === null) return String(value);
  const name = value.constructor?.name;
  return name !== undefined && name !== "Object" ? `an instance of ${name}` : `a ${tagOf(value)}`;
}

function advice(value: unknown): string {
  if (typeof value === "function") return "Pass the data that it needs, and export the function from a module that the task imports.";
  if (value instanceof Promise) return "Await it first, and pass its result.";
  if (value instanceof ArrayBuffer || (typeof MessagePort === "function" && value instanceof MessagePort)) return "Name it in the transfer list, once, and do not use it afterwards.";
  return "Pass plain data (what structuredClone takes), and open handles inside the task.";
}
