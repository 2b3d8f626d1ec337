// Walks a value in the order of structured clone, and yields the path to each object. It visits each object once, and
// does not recurse, because the value may be nested deeper than the stack. It runs only when sending has failed.
import { types } from "node:util";
import { kindOf } from "./object-kinds.js";

/** A value and its place. */
export interface Spot {
  readonly value: unknown;
  /** 0 at the root. */
  readonly depth: number;
  readonly above: Spot | undefined;
  /** The way in which `above` holds the value. */
  readonly by: "root" | "property" | "index" | "map key" | "map value" | "member";
  readonly key: unknown;
  /** The error of the getter, if the property could not be read. */
  readonly threw?: { readonly error: unknown };
}

/** The numbers of steps at the start and at the end of a long path that are written. */
const FIRST_STEPS = 16;
const LAST_STEPS = 4;

/** Yields the objects, functions, symbols and throwing getters of a value, but no primitives. @param skip tells whether to leave out the contents of an object */
export function* walk(value: unknown, root: string, skip: (value: object) => boolean = () => false): Generator<Spot, void> {
  const seen = new Set<unknown>();
  const waiting: Spot[] = [{ value, depth: 0, above: undefined, by: "root", key: root }];
  for (let spot = waiting.pop(); spot !== undefined; spot = waiting.pop()) {
    if (typeof spot.value === "object" && spot.value !== null) {
      if (seen.has(spot.value)) continue;
      seen.add(spot.value);
    }
    yield spot;
    if (typeof spot.value === "object" && spot.value !== null && !types.isProxy(spot.value) && !skip(spot.value)) {
      for (const child of children(spot, spot.value).reverse()) waiting.push(child); // as arguments of one push(), many would overflow the stack
    }
  }
}

/** The parts of an object that structured clone copies. */
function children(above: Spot, value: object): Spot[] {
  const found: Spot[] = [];
  const depth = above.depth + 1;
  const add = (by: Spot["by"], key: unknown, item: unknown): void => {
    if ((typeof item === "object" && item !== null) || typeof item === "function" || typeof item === "symbol") found.push({ value: item, depth, above, by, key });
  };
  if (types.isMap(value)) {
    let index = 0;
    mapForEach.call(value, (item, key) => {
      add("map key", index, key);
      add("map value", typeof key === "string" || typeof key === "number" ? key : Symbol(`key ${index}`), item);
      index += 1;
    });
    return found;
  }
  if (types.isSet(value)) {
    let index = 0;
    setForEach.call(value, (item) => add("member", index++, item));
    return found;
  }
  if (!Array.isArray(value) && quietly(() => kindOf(value)) !== "record") return found;
  const by = Array.isArray(value) ? "index" : "property";
  for (const key of quietly(() => Object.keys(value)) ?? []) {
    try {
      add(by, key, (value as Record<string, unknown>)[key]);
    } catch (error) {
      found.push({ value: undefined, depth, above, by, key, threw: { error } });
    }
  }
  return found;
}

const mapForEach = Map.prototype.forEach as (this: Map<unknown, unknown>, visit: (value: unknown, key: unknown) => void) => void;
const setForEach = Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void;

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** `args[0].user.socket`; the middle of a long path is left out. */
export function pathOf(spot: Spot): string {
  const steps: Spot[] = [];
  for (let each: Spot | undefined = spot; each !== undefined; each = each.above) steps.push(each);
  steps.reverse();
  if (steps.length <= FIRST_STEPS + LAST_STEPS) return steps.map(stepText).join("");
  return `${steps.slice(0, FIRST_STEPS).map(stepText).join("")}…${steps.slice(-LAST_STEPS).map(stepText).join("")}`;
}

function stepText({ by, key }: Spot): string {
  switch (by) {
    case "root":
      return String(key);
    case "index":
      return /^\d+$/.test(String(key)) ? `[${String(key)}]` : propertyText(String(key));
    case "property":
      return propertyText(String(key));
    case "map key":
      return `.keys()[${String(key)}]`;
    case "map value":
      return `.get(${typeof key === "symbol" ? key.description : JSON.stringify(key)})`;
    case "member":
      return `.values()[${String(key)}]`;
    default:
      return by satisfies never;
  }
}

function propertyText(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The level of the first object of a path. Arguments, items and results of a chunk lie inside arrays or objects that this package adds. */
const FIRST_LEVEL: Readonly<Record<string, number>> = { args: 0, items: 0, results: -1 };

/** The depth of a value, and the path to its deepest part. A value without objects is one level deep. */
export function deepest(value: unknown, root: string): { readonly levels: number; readonly path: string } {
  let most: Spot | undefined;
  for (const spot of walk(value, root)) if (most === undefined || spot.depth > most.depth) most = spot;
  const first: Spot[] = [];
  for (let each = most; each !== undefined; each = each.above) if (each.depth <= FIRST_LEVELS) first.push(each);
  return { levels: most!.depth + (FIRST_LEVEL[root] ?? 1), path: `${first.reverse().map(stepText).join("")}${most!.depth > FIRST_LEVELS ? "…" : ""}` };
}

/** The number of levels that the path to the deepest part names. */
const FIRST_LEVELS = 8;
