// Finds the path to the part of a value that cannot be sent, which structured clone does not report. Both sides call
// it, and only when sending has failed. It never throws, also if getters or proxies of the value throw. It takes time
// in proportion to the size of the value.
import { types } from "node:util";
import { CloneError } from "../executor/errors.js";
import { className, isNamespace, kindOf, type ObjectKind } from "./object-kinds.js";
import { RefusedValueError, THREAD_ONLY } from "./refused-value.js";
import { textOf } from "../executor/text-of.js";
import { deepest, pathOf, type Spot, walk } from "./walk.js";

/** The number of levels that are searched by cloning each part, if no other check finds the culprit. */
const MOST_TRIED_LEVELS = 16;

/**
 * Turns a refusal to send `value` into an error that names the path, as `args[0].user.socket`.
 * @param receiver `the caller` or `the worker`
 */
export function diagnoseClone(value: unknown, root: string, callName: string, transfer: readonly unknown[], cause: unknown, receiver = receiverOf(root)): CloneError {
  if (cause instanceof CloneError) return cause;
  try {
    return diagnose(value, root, callName, transfer, cause, receiver);
  } catch {
    return new CloneError(`${root} cannot be cloned to ${receiver} of ${callName}: reading it fails. Pass plain data (what structuredClone takes).`, root, { cause });
  }
}

function diagnose(value: unknown, root: string, callName: string, transfer: readonly unknown[], cause: unknown, receiver: string): CloneError {
  const culprit = cause instanceof RefusedValueError ? findValue(value, root, cause) : findRefused(value, root, new Set(transfer), isStackOverflow(cause));
  const transferred = culprit === undefined ? transferCulprit(transfer) : undefined;
  if (culprit === undefined && transferred === undefined && isStackOverflow(cause)) {
    const { levels, path } = deepest(value, root);
    return tooDeep(path, levels, receiver, callName, cause);
  }
  if (culprit === undefined && transferred === undefined && !isCloneRefusal(cause)) {
    return new CloneError(`${root} could not be sent to ${receiver} of ${callName}: ${textOf(cause)}. Pass plain data (what structuredClone takes).`, root, { cause });
  }
  const path = culprit !== undefined ? pathOf(culprit) : (transferred?.path ?? root);
  const found = culprit !== undefined ? culprit.value : (transferred?.value ?? value);
  const what = culprit?.threw !== undefined ? `reading it threw ${textOf(culprit.threw.error)}` : `it is ${describe(found)}${cause instanceof RefusedValueError ? `, ${cause.reason}` : ""}`;
  const what2do = cause instanceof RefusedValueError && cause.reason === THREAD_ONLY ? "Use a ThreadPoolExecutor, or send a copy of its contents." : advice(found);
  return new CloneError(`${path} cannot be cloned to ${receiver} of ${callName}: ${what}. ${what2do}`, path, { cause });
}

/** The error about a value that is nested deeper than a stack can hold. */
export function tooDeep(path: string, levels: number, receiver: string, callName: string, cause: unknown): CloneError {
  const count = String(levels).replace(/\B(?=(\d{3})+$)/g, ",");
  return new CloneError(`${path} cannot be cloned to ${receiver} of ${callName}: it is nested ${count} levels deep, which is more than the stack holds. Send it flat: as an array of its parts, or as text.`, path, { cause });
}

/** Whether a value contains the refused object. */
export function holdsRefused(value: unknown, { value: culprit }: RefusedValueError): boolean {
  for (const spot of walk(value, "")) if (spot.value === culprit) return true;
  return false;
}

/** The receiver of a value, by the first word of its path. */
function receiverOf(root: string): string {
  return toCaller.has(root) ? "the caller" : "the worker";
}

/** The first words of the paths of values that go to the caller. */
const toCaller: ReadonlySet<string> = new Set(["result", "results", "items", "progress"]);

function isStackOverflow(cause: unknown): boolean {
  return types.isNativeError(cause) && cause instanceof RangeError && /stack/i.test(textOf(cause));
}

/** Whether an error is about the value, and not about the machine, such as a lack of descriptors or memory. */
function isCloneRefusal(cause: unknown): boolean {
  if (cause === undefined || cause instanceof RefusedValueError) return true;
  const code: unknown = types.isNativeError(cause) ? (cause as { code?: unknown }).code : undefined;
  return !(typeof code === "string" && /^E[A-Z]+$/.test(code));
}

function findValue(value: unknown, root: string, cause: RefusedValueError): Spot | undefined {
  for (const spot of walk(value, root)) if (spot.value === cause.value) return spot;
  return undefined;
}

function findRefused(value: unknown, root: string, transferred: ReadonlySet<unknown>, tooDeep: boolean): Spot | undefined {
  const host = hostCulprit(value, transferred);
  for (const spot of walk(value, root, (each) => transferred.has(each))) {
    if (spot.threw !== undefined || (spot.value === host && host !== undefined) || (!transferred.has(spot.value) && isRefused(spot.value))) return outermostHandle(spot);
  }
  return tooDeep || clones(value) ? undefined : findByCloning(value, root, transferred);
}

/** Finds the outermost event emitter that contains the culprit, so that the error names a socket and not a part of it. */
function outermostHandle(spot: Spot): Spot {
  let outermost = spot;
  for (let each: Spot | undefined = spot.above; each !== undefined; each = each.above) if (isEmitter(each.value)) outermost = each;
  return outermost;
}

/** Whether a value is an event emitter, whose contents belong to this thread. Never throws. */
export function isEmitter(value: unknown): boolean {
  try {
    if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
    const prototype: object | null = Object.getPrototypeOf(value);
    return prototype !== null && prototype !== Object.prototype && typeof (prototype as { on?: unknown }).on === "function" && typeof (prototype as { emit?: unknown }).emit === "function";
  } catch {
    return false;
  }
}

/** Whether structured clone refuses a value at every place. */
function isRefused(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return true;
  if (typeof value !== "object" || value === null) return false;
  return (
    types.isProxy(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value) ||
    types.isSymbolObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    isWeakRef(value) ||
    isNamespace(value) ||
    kindOrRefused(value) === "refused"
  );
}

function isWeakRef(value: object): boolean {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === Array.prototype) return false; // most objects; the test below costs an error each
    weakRefTarget.call(value as WeakRef<object>);
    return true;
  } catch {
    return false;
  }
}

const weakRefTarget = WeakRef.prototype.deref;

/** The kind of an object; `refused` if its prototype is a proxy that throws. */
function kindOrRefused(value: object): ObjectKind {
  try {
    return kindOf(value);
  } catch {
    return "refused";
  }
}

/** The first object of native code that cannot be cloned, in the order in which structured clone meets them. */
function hostCulprit(value: unknown, transferred: ReadonlySet<unknown>): object | undefined {
  let culprit: object | undefined;
  const { Serializer } = process.getBuiltinModule("node:v8");
  class HostFinder extends Serializer {
    _writeHostObject(object: object): void {
      if (transferred.has(object) || clones(object)) return;
      culprit ??= object;
      throw new Error("found");
    }
    _getSharedArrayBufferId(): number {
      return 0;
    }
    _getDataCloneError = Error;
  }
  try {
    const finder = new HostFinder();
    finder.writeHeader();
    finder.writeValue(value);
  } catch {
    // The finder has found a culprit, or the value throws when it is read, which the walk reports.
  }
  return culprit;
}

/** Descends by cloning the parts of each level. For objects that only structured clone recognises as uncloneable. */
function findByCloning(value: unknown, root: string, transferred: ReadonlySet<unknown>): Spot | undefined {
  let found: Spot | undefined;
  for (const spot of walk(value, root, (each) => transferred.has(each) || (each !== found?.value && each !== value))) {
    if (spot.depth > MOST_TRIED_LEVELS) break;
    if (spot.above !== undefined && spot.above.value !== (found?.value ?? value)) continue;
    if (spot.above === undefined || transferred.has(spot.value) || clones(spot.value)) continue;
    found = spot;
  }
  return found;
}

/** The first object of the transfer list that cannot move or occurs twice. */
function transferCulprit(transfer: readonly unknown[]): { readonly path: string; readonly value: unknown } | undefined {
  const seen = new Set<unknown>();
  const index = transfer.findIndex((each) => {
    const again = seen.has(each);
    seen.add(each);
    if (again || typeof each !== "object" || each === null || types.isProxy(each)) return true;
    return Object.getPrototypeOf(each) === Object.prototype || Array.isArray(each) || ArrayBuffer.isView(each);
  });
  return index < 0 ? undefined : { path: `transfer[${index}]`, value: transfer[index] };
}

/** Whether structured clone takes `value` as it is. */
export function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** A value as a noun with its article. Never throws. */
function describe(value: unknown): string {
  if (typeof value === "function") return `a function${nameText(value)}`;
  if (typeof value === "symbol") return `a symbol (${String(value)})`;
  if (typeof value !== "object" || value === null) return textOf(value);
  if (types.isProxy(value)) return "a Proxy";
  if (isNamespace(value)) return `the namespace ${Object.prototype.toString.call(value).slice(8, -1)}`;
  const name = className(value);
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer ? `${name ?? "a view"} over shared memory` : isDetached(value) ? `${name ?? "a view"} of a detached buffer` : `an instance of ${name ?? "a typed array"}`;
  if (name !== undefined && name !== "Object") return `an instance of ${name}`;
  if (types.isGeneratorObject(value)) return "a Generator";
  return types.isModuleNamespaceObject(value) ? "a module namespace" : "an object";
}

function isDetached(view: ArrayBufferView): boolean {
  return view.byteLength === 0 && view.buffer.byteLength === 0;
}

function nameText(fn: unknown): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn as object, "name")?.value;
  return typeof name === "string" && name !== "" ? ` (${name})` : "";
}

function advice(value: unknown): string {
  if (typeof value === "function") return "A task calls functions of this thread by fromThread(fn, ...args), and reports by taskContext().progress() to onProgress. Else pass the data that the function needs.";
  if (types.isProxy(value)) return "Pass the object that it wraps, or a plain copy of it.";
  if (types.isGeneratorObject(value)) return "A generator function runs by stream(fn, ...args) of an executor, which gives its items.";
  if (types.isPromise(value)) return "Await it first, and pass its result.";
  if (types.isArrayBuffer(value) || (typeof value === "object" && value !== null && kindOrRefused(value) === "thread-only")) return "Put it into the transfer list once, and do not use it afterwards.";
  return "Pass plain data (what structuredClone takes), and open handles inside the task.";
}
