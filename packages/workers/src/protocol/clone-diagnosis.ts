// Finds the path to the value that structured clone refused, because structured clone does not name it.
// Both sides call this after a refusal only. It costs about as much as a few clones.
import { types } from "node:util";
import { CloneError } from "../executor/errors.js";
import { ThreadOnlyError } from "./thread-only.js";

/** Turns a refusal to clone `value` into an error that names the path, such as `args[0].user.socket`. */
export function diagnoseClone(value: unknown, root: string, callName: string, transfer: readonly unknown[], cause: unknown): CloneError {
  const search: Search = { refused: cause instanceof ThreadOnlyError ? (each) => each === cause.value : isRefused, transferred: cause instanceof ThreadOnlyError ? new Set() : new Set(transfer), seen: new Set() };
  const culprit = findCulprit({ path: root, value }, search) ?? transferCulprit(transfer) ?? { path: root, value };
  const { path } = culprit;
  const why = cause instanceof ThreadOnlyError ? `${describe(culprit.value)}, which threads of one process alone can have` : "thrown" in culprit ? `reading it threw ${String(culprit.thrown)}` : describe(culprit.value);
  const message = `${path} cannot be cloned to ${toCaller.has(root) ? "the caller" : "the worker"} of ${callName}: ${"thrown" in culprit ? "" : "it is "}${why}. ${cause instanceof ThreadOnlyError ? "Use a ThreadPoolExecutor, or send what it holds." : advice(culprit.value)}`;
  return new CloneError(message, path, { cause });
}

/** The roots of values that travel from the worker to the caller. */
const toCaller: ReadonlySet<string> = new Set(["result", "items", "progress"]);

interface Culprit {
  readonly path: string;
  readonly value: unknown;
  /** What the getter of the value threw. */
  readonly thrown?: unknown;
}

interface Search {
  /** Whether a value was refused, or contains the value that was. */
  refused(value: unknown): boolean;
  readonly transferred: ReadonlySet<unknown>;
  readonly seen: Set<unknown>;
}

function findCulprit(at: Culprit, search: Search): Culprit | undefined {
  const { value } = at;
  if ("thrown" in at || typeof value === "function" || typeof value === "symbol") return search.refused === isRefused ? at : undefined;
  if (typeof value !== "object" || value === null || search.transferred.has(value) || search.seen.has(value)) return undefined;
  search.seen.add(value);
  const refused = search.refused(value);
  if (!refused && search.refused === isRefused) return undefined;
  for (const child of types.isProxy(value) ? [] : children(value, at.path)) {
    const found = findCulprit(child, search);
    if (found !== undefined) return found;
  }
  return refused ? at : undefined;
}

function isRefused(value: unknown): boolean {
  return !clones(value as object);
}

/** An entry of the transfer list that cannot move, or that is listed twice. */
function transferCulprit(transfer: readonly unknown[]): Culprit | undefined {
  const index = transfer.findIndex((each, at) => !(each instanceof Object) || transfer.indexOf(each) < at || Object.getPrototypeOf(each) === Object.prototype || Array.isArray(each) || ArrayBuffer.isView(each));
  return index < 0 ? undefined : { path: `transfer[${index}]`, value: transfer[index] };
}

/** Whether structured clone accepts `value`. */
export function clones(value: object): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The values that structured clone would visit. */
function* children(value: object, path: string): Generator<Culprit> {
  if (value instanceof Map) {
    let index = 0;
    for (const [key, item] of value) {
      yield { path: `${path}.keys()[${index}]`, value: key };
      yield { path: `${path}.get(${keyText(key, index)})`, value: item };
      index += 1;
    }
  } else if (value instanceof Set) {
    let index = 0;
    for (const item of value) yield { path: `${path}.values()[${index++}]`, value: item };
  } else {
    if (!Array.isArray(value) && isHostObject(value)) return;
    for (const key of Object.keys(value)) {
      const childPath = Array.isArray(value) ? `${path}[${key}]` : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      yield { path: childPath, ...read(value, key) };
    }
  }
}

function read(value: object, key: string): Omit<Culprit, "path"> {
  try {
    return { value: (value as Record<string, unknown>)[key] };
  } catch (thrown) {
    return { value: undefined, thrown };
  }
}

/** Objects that are refused whatever they contain. To name a part of them would not help. */
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
  if (types.isProxy(value)) return "a Proxy";
  const name = value.constructor?.name;
  if (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer) return `${name} over shared memory`;
  if (name !== undefined && name !== "Object") return `an instance of ${name}`;
  const tag = tagOf(value);
  return tag === "Object" ? "an object" : `a ${tag}`;
}

function advice(value: unknown): string {
  if (typeof value === "function") return "Pass the data that it needs, and export the function from a module that the task imports.";
  if (types.isProxy(value)) return "Pass what it stands for.";
  if (value instanceof Promise) return "Await it first, and pass its result.";
  if (value instanceof ArrayBuffer || (typeof MessagePort === "function" && value instanceof MessagePort)) return "Name it in the transfer list, once, and do not use it afterwards.";
  return "Pass plain data (what structuredClone takes), and open handles inside the task.";
}
