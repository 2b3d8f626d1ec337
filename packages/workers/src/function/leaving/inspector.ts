// Reads from V8, through an inspector session of this process with itself, where a function was defined and the
// values of the variables around it. Reading is synchronous. The inspector keeps no reference to the function.
import type { Runtime } from "node:inspector";
import { queueMicrotask } from "../../executor/real-time.js";
import type { FunctionLocation } from "./function-location.js";
import { locateGenerated, noteGenerated } from "./generated.js";
import { post, scriptUrl } from "./inspector-session.js";

const OBJECT_GROUP = "offloop";
const SLOT_NAME = "__offloopInspected";
/** The scopes of the function that was located last. The next read of its variables uses them. */
let justRead: { readonly fn: object; readonly scopes: readonly VariableScope[] } | undefined;

/**
 * Where `fn` was defined.
 * @returns undefined for a function without JavaScript source: native or bound
 * @throws Error if this runtime has no inspector
 */
export function locateDefinition(fn: object): FunctionLocation | undefined {
  return locateGenerated(fn) ?? inspect(fn, (internals, readScopes) => {
    const location = internals.get("[[FunctionLocation]]")?.value as { scriptId: string; lineNumber: number; columnNumber?: number } | undefined;
    if (!location) return undefined;
    const scopes = readScopes();
    justRead = { fn, scopes };
    queueMicrotask(() => (justRead = undefined));
    const url = scriptUrl(location.scriptId);
    if (url === "" && scopes.every(({ description, object }) => description === "Global" || Object.keys(object).length === 0)) noteGenerated(fn);
    return {
      scriptId: location.scriptId,
      url,
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
      inModule: scopes.some(({ description }) => description === "Module"),
    };
  });
}

/**
 * The current values of the variables around `fn`. Globals and undeclared names are omitted.
 * @param names the names to read; undefined for all
 */
export function readVariables(fn: object, names?: Iterable<string>): Map<string, unknown> {
  if (justRead?.fn !== fn && locateGenerated(fn) !== undefined) return new Map();
  const scopes = justRead?.fn === fn ? justRead.scopes : inspect(fn, (_internals, readScopes) => readScopes());
  justRead = undefined;
  const found = new Map<string, unknown>();
  const wanted = names && [...names];
  for (const { description, object } of scopes) {
    if (description === "Global") break;
    for (const name of wanted ?? Object.keys(object)) {
      if (Object.hasOwn(object, name) && !found.has(name)) found.set(name, valueOf(object, name));
    }
  }
  return found;
}

/** Represents the value of a variable whose declaration has not been reached, if V8 reports it (Node 22 and later). */
export const uninitialized = Symbol("uninitialized");

function valueOf(scope: Record<string, unknown>, name: string): unknown {
  try {
    return scope[name];
  } catch {
    return uninitialized;
  }
}

/** The target of a proxy. */
export function readProxyTarget(proxy: object): unknown {
  return inspect(proxy, (internals, _readScopes, slot) => {
    const objectId = internals.get("[[Target]]")?.objectId;
    if (objectId === undefined) return undefined;
    post("Runtime.callFunctionOn", { objectId, functionDeclaration: "function (holder) { holder.target = this; }", arguments: [{ objectId: slot.holder }] });
    return slot.target;
  });
}

/** The inspector evaluates in the main context. Under Jest and similar runners this code runs in another context. */
function mainGlobal(): Record<string, unknown> {
  return process.getBuiltinModule("node:vm").runInThisContext("globalThis") as Record<string, unknown>;
}

/** A scope of a function: a copy that holds the values of the variables themselves. */
interface VariableScope {
  /** `Module`, `Closure (name)`, `Block`, `Global`, … */
  readonly description: string;
  readonly object: Record<string, unknown>;
}

interface Slot {
  readonly fn: object;
  readonly scopes: VariableScope[];
  target?: unknown;
  /** The id under which the inspector knows this slot. */
  holder: string;
}

type Use<T> = (internals: ReadonlyMap<string, Runtime.RemoteObject>, readScopes: () => readonly VariableScope[], slot: Slot) => T;

/** Shows `fn` to the inspector while `use` runs. `readScopes` returns its scopes, innermost first. */
function inspect<T>(fn: object, use: Use<T>): T {
  const global = mainGlobal();
  const slot: Slot = { fn, scopes: [], holder: "" };
  Object.defineProperty(global, SLOT_NAME, { value: slot, configurable: true });
  try {
    slot.holder = post<Runtime.EvaluateReturnType>("Runtime.evaluate", { expression: `globalThis.${SLOT_NAME}`, objectGroup: OBJECT_GROUP }).result.objectId as string;
    const remote = properties(slot.holder).result.find(({ name }) => name === "fn")?.value?.objectId as string;
    const internals = new Map((properties(remote).internalProperties ?? []).flatMap(({ name, value }) => (value ? [[name, value] as const] : [])));
    return use(internals, () => {
      const objectId = internals.get("[[Scopes]]")?.objectId;
      if (objectId !== undefined) post("Runtime.callFunctionOn", { objectId, functionDeclaration: TAKE_SCOPES, arguments: [{ objectId: slot.holder }] });
      return slot.scopes;
    }, slot);
  } finally {
    delete global[SLOT_NAME];
    post("Runtime.releaseObjectGroup", { objectGroup: OBJECT_GROUP });
  }
}

/** The inspector runs this on its list of scopes, which is array-like. */
const TAKE_SCOPES = "function (holder) { for (let index = 0; index < this.length; index++) holder.scopes.push(this[index]); }";

function properties(objectId: string): Runtime.GetPropertiesReturnType {
  return post("Runtime.getProperties", { objectId, ownProperties: true });
}
