// Packs values that structured clone would change without an error, so that they arrive complete: errors with class,
// cause and properties, objects of the platform, and values that are nested deeper than the receiver's stack may hold.
//
//   pack ─▶ Parcel ─▶ structured clone ─▶ unpack        (packThrown and unpackThrown for what was thrown)
//
// The packer copies the value without recursion, and each object once, so cycles and shared parts are kept. The copy
// has a hole for each error and each object of the platform, and `places` names the object that fills it. A thrown
// value always arrives: its objects are sent side by side, and a string replaces each part that cannot be sent.
import type { MessagePort } from "node:worker_threads";
import { types } from "node:util";
import { CloneError } from "../executor/errors.js";
import { clones, isEmitter, tooDeep } from "./clone-diagnosis.js";
import { type ErrorRecord, finishError, makeError, recordError } from "./error-record.js";
import { type MadeObject, makeAgain, takeApart } from "./made-objects.js";
import { boundClause } from "../executor/bound-to-thread.js";
import { className, type Destination, isNamespace, kindOf } from "./object-kinds.js";
import { BOUND, RefusedValueError, THREAD_ONLY } from "./refused-value.js";
import { survey } from "./survey.js";
import { textOf } from "../executor/text-of.js";
import { deepest } from "./walk.js";

/** The number of objects of a thrown value that are sent. The others are replaced by strings. More than a real error holds; a guess. */
const MOST_THROWN_OBJECTS = 100_000;

/** A packed value: its contents, or its contents in a seal, for values that are nested deeply. */
export type Parcel = Contents | Sealed;

/** The copy of a value, and the objects that fill its holes. */
export interface Contents {
  /** The copy, in an array, since it may be a hole itself. */
  readonly root: [value: unknown];
  /** The errors in the value, which structured cloning would change. */
  readonly errors?: ErrorRecord[];
  /** The objects that the receiver makes, because they cannot be cloned. */
  readonly made?: MadeObject[];
  /** `container[key]` is the object with this index in `errors`, followed by `made`. */
  readonly places?: [container: object, key: string | number, target: number][];
  /** `container[key]` is the object. */
  readonly links?: [container: object, key: string | number, object: object][];
  /** Maps and Sets, which are filled last because an entry may be a hole. Keys and values in turn, or members. */
  readonly collections?: [collection: Map<unknown, unknown> | Set<unknown>, entries: unknown[]][];
  /** The Buffers, which arrive as Uint8Arrays. */
  readonly buffers?: Uint8Array[];
}

/** Contents that the receiver reads separately, because its stack may be too small for them. */
export interface Sealed {
  /** A port that holds the contents as a message, or their bytes. */
  readonly sealed: MessagePort | Uint8Array;
  /** How deeply the contents are nested, for the error of a receiver that cannot read them. */
  readonly levels: number;
  /** Where the deepest part is, for that error. */
  readonly path: string;
}

/** The objects that are sent beside a value. */
export interface Besides {
  /** The transfer list. */
  readonly moved: object[];
  /** Buffers that are sent as they are, for `restoreBuffers`. */
  readonly buffers: Uint8Array[];
  /** By position, the last objects that are sent as they are: calls of one message often share an argument. */
  readonly plain?: unknown[];
}

/**
 * Packs a value if structured clone would change it.
 * @param root the first word of paths; `args` for an array of arguments
 * @param transfer the objects that were marked to move with the value
 * @returns the parcel to send in place of the value; `undefined`: the value is sent as it is
 * @throws RefusedValueError, DataCloneError, RangeError, or what a getter throws
 */
export function parcelFor(value: unknown, root: string, to: Destination, besides: Besides, transfer: readonly object[] = []): Parcel | undefined {
  const { moved, buffers, plain } = besides;
  const finding = typeof value === "object" && value !== null ? survey(root === "args" ? (value as unknown[]) : [value], to, buffers, plain) : "as it is";
  if (finding === "deep") return seal(value, pack(value, to), root, to, transfer, moved);
  for (const each of transfer) moved.push(each); // as arguments of one push(), many would overflow the stack
  return finding === "special" ? pack(value, to) : undefined;
}

/** Packs a value. @throws RefusedValueError, or what a getter throws */
export function pack(value: unknown, to: Destination): Contents {
  return new Packer(to).contents(value, false);
}

/** Packs any thrown value. Never throws. */
export function packThrown(thrown: unknown, to: Destination = "process"): Contents {
  try {
    return new Packer(to).contents(thrown, true);
  } catch (error) {
    return { root: [`a value that could not be read was thrown (${textOf(error)})`] };
  }
}

/** Seals contents that are nested deep. The objects that move with them go into a port, and the port moves. */
function seal(value: unknown, contents: Contents, root: string, to: Destination, transfer: readonly unknown[], moved: object[]): Sealed {
  const { levels, path } = deepest(value, root);
  if (to === "process") return { sealed: process.getBuiltinModule("node:v8").serialize(contents), levels, path };
  const { port1, port2 } = new (process.getBuiltinModule("node:worker_threads").MessageChannel)();
  try {
    port1.postMessage(contents, transfer as never);
  } catch (error) {
    port1.close();
    throw error;
  }
  moved.push(port2);
  return { sealed: port2, levels, path };
}

/**
 * Makes the value again.
 * @param reader `the caller` or `the worker`, and `callName` the call's name: for the error
 * @throws CloneError the value is nested deeper than this stack holds, or cannot be read
 */
export function unpack(parcel: Parcel, reader: string, callName: string): unknown {
  if (!("sealed" in parcel)) return open(parcel);
  try {
    return open(unseal(parcel.sealed));
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(parcel.path, parcel.levels, reader, callName, cause);
    throw new CloneError(`${parcel.path} could not be read by ${reader} of ${callName}: ${textOf(cause)}. Pass plain data (what structuredClone takes).`, parcel.path, { cause });
  }
}

/**
 * Makes the thrown value again. Never throws: the call that it belongs to must be told of something.
 * @param callerStack the stack lines of the caller, without a title line; `undefined`: none are added
 * @param global the global object of the caller's context, whose classes errors get; `undefined`: this context
 * @returns the value; a CloneError if it cannot be made here, because a global class was replaced, or it is no value of `packThrown`
 */
export function unpackThrown(contents: Contents, callerStack?: string, global?: object): unknown {
  try {
    return open(contents, callerStack, global);
  } catch (cause) {
    return new CloneError(`What was thrown could not be read here: ${textOf(cause)}. Throw an error whose properties are plain data (what structuredClone takes).`, "thrown", { cause });
  }
}

function unseal(sealed: MessagePort | Uint8Array): Contents {
  if (ArrayBuffer.isView(sealed)) return process.getBuiltinModule("node:v8").deserialize(sealed) as Contents;
  try {
    return process.getBuiltinModule("node:worker_threads").receiveMessageOnPort(sealed)!.message as Contents;
  } finally {
    sealed.close();
  }
}

/** An object, array or list of values that holds a copy. */
type Container = Record<string | number, unknown>;

/** An object whose copy has been created and not filled. */
interface Work {
  readonly original: object;
  readonly copy: object;
  readonly kind: "record" | "array" | "map" | "set" | "error";
  /** Whether the object is part of a thrown value. */
  readonly thrown: boolean;
}

class Packer {
  readonly #to: Destination;
  readonly #copies = new Map<object, object>();
  readonly #work: Work[] = [];
  readonly #errors: ErrorRecord[] = [];
  readonly #made: MadeObject[] = [];
  readonly #madeOf: object[] = [];
  readonly #holes: [container: Container, key: string | number, target: object][] = [];
  readonly #links: [container: object, key: string | number, object: object][] = [];
  readonly #collections: [Map<unknown, unknown> | Set<unknown>, unknown[]][] = [];
  readonly #buffers: Uint8Array[] = [];

  constructor(to: Destination) {
    this.#to = to;
  }

  contents(value: unknown, thrown: boolean): Contents {
    const root: [unknown] = [undefined];
    this.#put(root as unknown as Container, 0, value, thrown);
    for (let work = this.#work.pop(); work !== undefined; work = this.#work.pop()) this.#fill(work);
    const targets = new Map<object, number>();
    for (const each of this.#errors) targets.set(each, targets.size);
    for (const each of this.#madeOf) targets.set(each, targets.size);
    return {
      root,
      ...(this.#errors.length > 0 ? { errors: this.#errors } : {}),
      ...(this.#made.length > 0 ? { made: this.#made } : {}),
      ...(this.#holes.length > 0 ? { places: this.#holes.map(([container, key, target]) => [container, key, targets.get(target)!]) } : {}),
      ...(this.#links.length > 0 ? { links: this.#links } : {}),
      ...(this.#collections.length > 0 ? { collections: this.#collections } : {}),
      ...(this.#buffers.length > 0 ? { buffers: this.#buffers } : {}),
    };
  }

  /** Puts the copy of a value into its container. */
  #put(container: Container, key: string | number, value: unknown, thrown: boolean): void {
    if (typeof value !== "object" || value === null) {
      const replaced = thrown && (typeof value === "function" || typeof value === "symbol");
      return set(container, key, replaced ? replacement(value) : value);
    }
    let copy = this.#copies.get(value);
    if (copy === undefined) {
      const begun = this.#begin(value, thrown);
      if (typeof begun === "string") return set(container, key, begun);
      this.#copies.set(value, (copy = begun));
    }
    if (this.#isHole(copy)) {
      set(container, key, undefined);
      this.#holes.push([container, key, copy]);
    } else if (thrown && copy !== value) {
      set(container, key, undefined);
      this.#links.push([container, key, copy]);
    } else set(container, key, copy);
  }

  readonly #filled = new Set<object>();

  /** Whether the receiver makes the object. */
  #isHole(copy: object): boolean {
    return this.#filled.has(copy);
  }

  /** The empty copy of an object, or the object that is sent in its place. @returns a string: the object cannot be sent, and is part of a thrown value */
  #begin(value: object, thrown: boolean): object | string {
    if (thrown && (types.isProxy(value) || this.#copies.size >= MOST_THROWN_OBJECTS)) return replacement(value);
    if (Array.isArray(value)) return this.#later({ original: value, copy: [], kind: "array", thrown });
    const kind = kindOf(value);
    switch (kind) {
      case "error": {
        const record = recordError(value as Error);
        this.#errors.push(record);
        this.#filled.add(record);
        return this.#later({ original: value, copy: record, kind: "error", thrown: true });
      }
      case "map":
        return this.#later({ original: value, copy: new Map(), kind: "map", thrown });
      case "set":
        return this.#later({ original: value, copy: new Set(), kind: "set", thrown });
      case "record":
        if (isNamespace(value)) return this.#refuse(value, BOUND, thrown);
        if (thrown && (isEmitter(value) || isBound(value))) return replacement(value);
        // Bound objects are sent as they are, so that structured clone refuses them.
        return isBound(value) ? value : this.#later({ original: value, copy: {}, kind: "record", thrown });
      case "buffer":
        if (this.#to === "thread") this.#buffers.push(value as Uint8Array);
        return thrown && !clones(value) ? replacement(value) : value;
      case "leaf":
        return thrown && (!clones(value) || (this.#to === "process" && isShared(value))) ? replacement(value) : value;
      case "made":
      case "key": {
        if (kind === "key" && this.#to === "thread") return value;
        const made = takeApart(value, this.#to);
        if (made === undefined) return this.#refuse(value, BOUND, thrown);
        this.#made.push(made);
        this.#madeOf.push(value);
        this.#filled.add(value);
        return value;
      }
      case "thread-only":
        return this.#to === "process" ? this.#refuse(value, THREAD_ONLY, thrown) : thrown && !clones(value) ? replacement(value) : value;
      case "refused":
        return this.#refuse(value, boundClause(value) ?? BOUND, thrown);
      default:
        return kind satisfies never;
    }
  }

  #later(work: Work): object {
    this.#work.push(work);
    return work.copy;
  }

  #refuse(value: object, reason: string, thrown: boolean): string {
    if (!thrown) throw new RefusedValueError(value, reason);
    return replacement(value);
  }

  #fill({ original, copy, kind, thrown }: Work): void {
    switch (kind) {
      case "array":
      case "record":
        if (kind === "array") (copy as unknown[]).length = (original as unknown[]).length;
        for (const key of Object.keys(original)) this.#put(copy as Container, key, thrown ? readOr(original, key) : (original as Container)[key], thrown);
        return;
      case "map": {
        const entries: unknown[] = [];
        this.#collections.push([copy as Map<unknown, unknown>, entries]);
        mapForEach.call(original as Map<unknown, unknown>, (item, key) => {
          this.#put(entries as unknown as Container, entries.length, key, thrown);
          this.#put(entries as unknown as Container, entries.length, item, thrown);
        });
        return;
      }
      case "set": {
        const entries: unknown[] = [];
        this.#collections.push([copy as Set<unknown>, entries]);
        setForEach.call(original as Set<unknown>, (item) => this.#put(entries as unknown as Container, entries.length, item, thrown));
        return;
      }
      case "error": {
        const { own, values } = copy as ErrorRecord;
        own.forEach((_, index) => {
          const value = values[index];
          values[index] = undefined;
          this.#put(values as unknown as Container, index, value, true);
        });
        return;
      }
      default:
        kind satisfies never;
    }
  }
}

const mapForEach = Map.prototype.forEach as (this: Map<unknown, unknown>, visit: (value: unknown, key: unknown) => void) => void;
const setForEach = Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void;

function readOr(object: object, key: string): unknown {
  try {
    return (object as Container)[key];
  } catch (error) {
    return `reading it threw ${textOf(error)}`;
  }
}

/** Whether an object only looks like a record: structured clone refuses it, or calls native code for it. */
function isBound(value: object): boolean {
  return types.isProxy(value) || types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value) || types.isGeneratorObject(value) || types.isModuleNamespaceObject(value) || types.isExternal(value) || types.isArgumentsObject(value) || isUncloneable(value);
}

/** Whether an object is a handle of native code. */
function isUncloneable(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return false;
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const native = typeof made === "function" && made.name !== "Object" && /\[native code\]\s*\}$/.test(Function.prototype.toString.call(made));
  return (native || Object.keys(value).length === 0) && !clones(value);
}

function isShared(value: object): boolean {
  return ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer);
}

/** The string that replaces a value that cannot be sent. */
function replacement(value: unknown): string {
  if (typeof value === "function") {
    const name: unknown = Object.getOwnPropertyDescriptor(value, "name")?.value;
    return `[function ${typeof name === "string" && name !== "" ? name : "(anonymous)"}] (could not be cloned)`;
  }
  return typeof value === "object" && value !== null ? `[object ${className(value) ?? "Object"}] (could not be cloned)` : `${textOf(value)} (could not be cloned)`;
}

function set(container: Container, key: string | number, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  else container[key] = value;
}

function open({ root, errors = [], made = [], places = [], links = [], collections = [], buffers }: Contents, callerStack?: string, global?: object): unknown {
  if (buffers !== undefined) restoreBuffers(buffers);
  const targets: unknown[] = [];
  const first = places.find(([container]) => container === root)?.[2];
  errors.forEach((record, index) => targets.push(makeError(record, index === first ? callerStack : undefined, global)));
  for (const each of made) targets.push(makeAgain(each));
  for (const [container, key, object] of links) set(container as Container, key, object);
  for (const [container, key, target] of places) set(container as Container, key, targets[target]);
  for (const [collection, entries] of collections) {
    if (collection instanceof Set) for (const entry of entries) collection.add(entry);
    else for (let index = 0; index < entries.length; index += 2) collection.set(entries[index], entries[index + 1]);
  }
  errors.forEach((record, index) => finishError(record, targets[index] as Error));
  return root[0];
}

/** Turns the Uint8Arrays that structured clone has made back into Buffers. */
export function restoreBuffers(arrays: readonly Uint8Array[]): void {
  for (const array of arrays) Object.setPrototypeOf(array, Buffer.prototype);
}
