// Finds a function among the exports of a module, by identity: the export itself, a static method of an
// exported class, a method of an exported object, at any property path up to a small depth. Of getters, only
// those that name a variable are run, as compilers write them for exports. One walk indexes a module for all of its functions.

/** A function's place among the exports. */
export interface ExportPlace {
  /** The property path from the namespace or `module.exports`; empty for the root itself. */
  readonly path: string;
  /** Another place of the function, where `this` would be another object. */
  rival?: string;
}

/** Places by function. */
export type ExportIndex = WeakMap<object, ExportPlace>;

// Deep enough for `default.api.v1.users.render`. A deeper walk could take long over exported data.
const MAX_DEPTH = 6;
const MAX_VISITED = 20_000;

const indexes = new WeakMap<object, ExportIndex>();

/**
 * The place of `fn` below `root`, a module's namespace or `module.exports`.
 * @returns undefined if it has none
 */
export function findExport(root: object, fn: object): ExportPlace | undefined {
  const known = indexes.get(root)?.get(fn);
  if (known && valueAt(root, known.path) === fn) return known;
  // Exports may have been added: live bindings, and objects that were filled later.
  const index = indexExports(root);
  indexes.set(root, index);
  return index.get(fn);
}

const near = new WeakMap<object, { readonly index: ExportIndex; readonly count: number }>();

/** The places of the exports, and of the properties of the default export. Computed again only when an export was added. */
export function nearExports(root: object): ExportIndex {
  const count = Object.getOwnPropertyNames(root).length;
  const known = near.get(root);
  if (known?.count === count) return known.index;
  const index: ExportIndex = new WeakMap();
  const add = (value: unknown, path: string): void => {
    if (typeof value === "function" && !index.has(value)) index.set(value, { path });
  };
  add(root, "");
  const main = dataProperty(root, "default");
  for (const [holder, prefix] of [[root, ""], [main, "default."]] as const) {
    if (holder === null || (typeof holder !== "object" && typeof holder !== "function")) continue;
    for (const owner of ownersOf(holder)) {
      for (const key of Object.getOwnPropertyNames(owner)) if (!key.includes(".") && !skipped.has(key)) add(dataProperty(owner, key), prefix + key);
    }
  }
  near.set(root, { index, count });
  return index;
}

/** The value at a property path; `undefined`: there is none. */
export function valueAt(root: object, path: string): unknown {
  let value: unknown = root;
  for (const key of path === "" ? [] : path.split(".")) value = Object(value) === value ? dataProperty(value as object, key) : undefined;
  return value;
}

/** The prototypes of classes, in addition to their static members. Only for functions of the platform. */
export function indexWithPrototypes(classes: Record<string, unknown>): ExportIndex {
  const index = indexExports(classes);
  for (const [name, value] of Object.entries(classes)) {
    const prototype: unknown = typeof value === "function" ? value.prototype : undefined;
    if (typeof prototype !== "object" || prototype === null) continue;
    for (const key of Object.getOwnPropertyNames(prototype)) {
      const method = dataProperty(prototype, key);
      if (typeof method === "function" && !index.has(method) && !key.includes(".")) index.set(method, { path: `${name}.prototype.${key}` });
    }
  }
  return index;
}

/** Breadth first, so the shortest path wins: `render` before `api.render`, where `this` would be `api`. */
export function indexExports(root: object): ExportIndex {
  const index: ExportIndex = new WeakMap();
  const seen = new Set<object>();
  const holders = new Map<object, object>();
  let level: { path: string; value: object; holder: object }[] = [{ path: "", value: root, holder: root }];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { path, value, holder } of level) {
      if (typeof value === "function") {
        const place = index.get(value);
        if (!place) {
          index.set(value, { path });
          holders.set(value, holder);
        } else if (holders.get(value) !== holder && holders.get(value) !== root && depth > 0) place.rival ??= path;
      }
      if (seen.has(value) || seen.size > MAX_VISITED) continue;
      seen.add(value);
      for (const owner of ownersOf(value)) {
        for (const key of Object.getOwnPropertyNames(owner)) {
          if (key.includes(".") || skipped.has(key)) continue;
          const child = dataProperty(owner, key);
          if ((typeof child === "object" && child !== null) || typeof child === "function") {
            next.push({ path: path === "" ? key : `${path}.${key}`, value: child, holder: value });
          }
        }
      }
    }
    level = next;
  }
  return index;
}

const skipped = new Set(["constructor", "prototype", "caller", "callee", "arguments", "__proto__"]);

/** The object. For an instance of a class, also the prototypes that give it its methods. */
function ownersOf(value: object): object[] {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return [];
  const owners = [value];
  if (typeof value === "function") return owners;
  for (let proto: object | null = Object.getPrototypeOf(value); proto && Object.getPrototypeOf(proto); proto = Object.getPrototypeOf(proto)) {
    owners.push(proto);
  }
  return owners;
}

/** `() => parse`, `function () { return parser_1.parse; }`, `() => from[key]`, `get parse() { return parse; }`: it computes nothing, and loads nothing. */
const namesVariable = /^(?:get\s+[\w$]+|function\s*[\w$]*)?\s*\(\s*\)\s*(?:=>)?\s*\{?\s*(?:return\s+)?[\w$]+(?:\s*\.\s*[\w$]+|\[(?:[\w$]+|"[^"]*"|'[^']*')\])*\s*;?\s*\}?$/;

function valueOf(descriptor: PropertyDescriptor | undefined, holder: object): unknown {
  const getter = descriptor?.get;
  return getter !== undefined && namesVariable.test(Function.prototype.toString.call(getter)) ? getter.call(holder) : descriptor?.value;
}

/** A property's value; undefined for a getter that does more than name a variable, and for a binding without a value yet. */
function dataProperty(holder: object, key: string): unknown {
  try {
    return valueOf(Object.getOwnPropertyDescriptor(holder, key), holder) ?? (key in holder ? inherited(holder, key) : undefined);
  } catch {
    return undefined;
  }
}

function inherited(holder: object, key: string): unknown {
  for (let proto: object | null = Object.getPrototypeOf(holder); proto; proto = Object.getPrototypeOf(proto)) {
    const descriptor = Object.getOwnPropertyDescriptor(proto, key);
    if (descriptor) return valueOf(descriptor, holder);
  }
  return undefined;
}
