// Examines values before they are sent. It searches for parts that structured clone would change without an error:
// Buffers, errors, objects of the platform, and nesting deeper than the receiver's stack may hold. Most values have
// none of these parts, and are sent as they are.
//
// A number or string costs a type check. An object costs a read of each property, which is a tenth of the cost of
// cloning it.
import { boundClause } from "../executor/bound-to-thread.js";
import { isNamespace, kindOf, type Destination } from "./object-kinds.js";
import { BOUND, RefusedValueError, THREAD_ONLY } from "./refused-value.js";

/** The number of levels that the stack of any thread can hold. Deeper values are sealed, so that a failure to read one affects its call alone. */
const SHALLOW_LEVELS = 200;

/** The first survey visits fewer objects than this and does not record them. At this number, or at the last level (which a cycle reaches), a second survey records them. */
const UNNOTED = 20_000;

/** An array above this length may have more holes than elements. */
const LONG = 65_536;

/** The result of a survey. */
export type Finding =
  /** The value can be sent as it is, with a list of its Buffers. */
  | "as it is"
  /** The value has parts that parcel.ts must pack. */
  | "special"
  /** The value is nested deeper than `SHALLOW_LEVELS`. */
  | "deep";

/**
 * @param buffers receives the Buffers, which arrive as Uint8Arrays on threads
 * @param plain by position, the latest objects of the same message that are sent as they are; they are not examined again
 * @throws RefusedValueError, or what a getter throws
 */
export function survey(values: readonly unknown[], to: Destination, buffers: Uint8Array[], plain?: unknown[]): Finding {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value !== "object" || value === null || value === plain?.[index]) continue;
    const finding = look(values, to, buffers);
    if (plain !== undefined && finding === "as it is") for (let place = index; place < values.length; place += 1) plain[place] = values[place];
    return finding;
  }
  return "as it is";
}

function look(values: readonly unknown[], to: Destination, buffers: Uint8Array[]): Finding {
  const { length } = buffers;
  const quick = new Survey(to, buffers, undefined);
  quick.array(values, 0);
  if (quick.visited < UNNOTED && !quick.deep) return quick.special ? "special" : "as it is";
  buffers.length = length;
  const exact = new Survey(to, buffers, new Set());
  exact.array(values, 0);
  return exact.deep ? "deep" : exact.special ? "special" : "as it is";
}

class Survey {
  visited = 0;
  special = false;
  deep = false;
  readonly #to: Destination;
  readonly #buffers: Uint8Array[];
  readonly #seen: Set<object> | undefined;

  constructor(to: Destination, buffers: Uint8Array[], seen: Set<object> | undefined) {
    this.#to = to;
    this.#buffers = buffers;
    this.#seen = seen;
  }

  array(array: readonly unknown[], depth: number): void {
    if (array.length > LONG && hasHoles(array)) return this.#properties(array, depth);
    for (let index = 0; index < array.length; index += 1) {
      const value = array[index];
      if (typeof value === "object" && value !== null) this.#visit(value, depth + 1);
    }
  }

  #visit(value: object, depth: number): void {
    if (depth > SHALLOW_LEVELS) {
      this.deep = true;
      return;
    }
    this.visited += 1;
    if (this.#seen === undefined) {
      if (this.visited >= UNNOTED) return;
    } else {
      if (this.#seen.has(value)) return;
      this.#seen.add(value);
    }
    if (Array.isArray(value)) return this.array(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#plain(value, depth);
    const kind = kindOf(value);
    switch (kind) {
      case "record":
        return this.#properties(value, depth);
      case "leaf":
        return;
      case "buffer":
        if (this.#to === "thread") this.#buffers.push(value as Uint8Array);
        return;
      case "map":
        return (value as Map<unknown, unknown>).forEach((item, key) => {
          if (typeof key === "object" && key !== null) this.#visit(key, depth + 1);
          if (typeof item === "object" && item !== null) this.#visit(item, depth + 1);
        });
      case "set":
        return (value as Set<unknown>).forEach((item) => {
          if (typeof item === "object" && item !== null) this.#visit(item, depth + 1);
        });
      case "error":
      case "made":
        this.special = true;
        return;
      case "key":
        if (this.#to === "process") this.special = true;
        return;
      case "thread-only":
        if (this.#to === "process") throw new RefusedValueError(value, THREAD_ONLY);
        return;
      case "refused":
        throw new RefusedValueError(value, boundClause(value) ?? BOUND);
      default:
        kind satisfies never;
    }
  }

  /** Visits the properties of a plain object by `for…in`, which is faster, and equal if no property is inherited. */
  #plain(value: object, depth: number): void {
    let any = false;
    for (const key in value) {
      any = true;
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === "object" && item !== null) this.#visit(item, depth + 1);
    }
    if (!any && isNamespace(value)) throw new RefusedValueError(value, BOUND);
  }

  #properties(value: object, depth: number): void {
    for (const key of Object.keys(value)) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === "object" && item !== null) this.#visit(item, depth + 1);
    }
  }
}

/** Looks for holes at sixteen places only, so that an array of a million numbers takes no longer. */
function hasHoles(array: readonly unknown[]): boolean {
  for (let place = 0; place < 16; place += 1) if (!(Math.floor((array.length * place) / 16) in array)) return true;
  return false;
}
