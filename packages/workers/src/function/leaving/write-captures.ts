// The second walk over captured values: prepares them for structured clone. A value that cannot be cloned (a
// function, a link, a symbol) leaves a gap, which a patch fills on the other side. Objects that lead to a gap
// are copied, and identity is kept. Without gaps nothing is copied here.
import { types } from "node:util";
import type { Captures, FunctionProperty, Link } from "../../protocol/function-payload.js";
import type { Closure } from "./closure.js";
import { definedProperties } from "./defined-properties.js";
import type { Discovery } from "./discover.js";
import { carriedProperties, parentOf } from "./function-properties.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** The captures of what was discovered. May add links. */
export function writeCaptures(discovery: Discovery): Captures {
  return new Writer(discovery).write();
}

class Writer {
  readonly #discovery: Discovery;
  readonly #copies = new Map<object, object>();
  readonly #remade = new Map<object, [container: object, key: string | number][]>();
  readonly #captures: Mutable<Captures> = { variables: [], patches: [], instances: [], defined: [], bare: [], remade: [], collections: [], properties: [], heirs: [] };

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  write(): Captures {
    const { closures, variableLinks } = this.#discovery;
    for (const closure of closures) {
      const slots: unknown[] = [];
      for (const [index, value] of closure.values.entries()) {
        const link = variableLinks.get(closure)?.get(index);
        slots.push(undefined);
        if (link !== undefined) this.#patch(slots, index, closures.length + link);
        else this.#put(slots, index, value);
      }
      this.#captures.variables.push(slots);
    }
    for (const [owner, closure] of closures.entries()) this.#writeProperties(owner, closure);
    return this.#captures;
  }

  #writeProperties(owner: number, closure: Closure): void {
    for (const { on, key, descriptor } of carriedProperties(closure)) {
      const copy: Record<string, unknown> = {};
      for (const [field, value] of Object.entries(descriptor)) this.#put(copy, field, value);
      const property: FunctionProperty = { owner, on, key: typeof key === "symbol" ? (this.#targetOf(key) as number) : key, descriptor: copy };
      this.#captures.properties.push(property);
    }
    const parent = parentOf(closure);
    const target = parent && this.#targetOf(parent);
    if (target !== undefined) this.#captures.heirs.push([owner, target]);
  }

  #put(container: object, key: string | number, value: unknown): void {
    const target = this.#targetOf(value);
    if (target !== undefined) this.#patch(container, key, target);
    const isGap = target !== undefined || this.#remake(container, key, value);
    const written = isGap ? undefined : typeof value === "object" && value !== null ? this.#copy(value) : value;
    if (key !== "__proto__") (container as Record<string | number, unknown>)[key] = written;
    else Object.defineProperty(container, key, { value: written, writable: true, enumerable: true, configurable: true });
  }

  #remake(container: object, key: string | number, value: unknown): boolean {
    const maker = this.#discovery.remade.get(value as object);
    if (!maker) return false;
    const places = this.#remade.get(value as object) ?? [];
    if (places.push([container, key]) === 1) {
      this.#remade.set(value as object, places);
      this.#captures.remade.push({ name: maker.name, args: maker.args, places });
    }
    return true;
  }

  #patch(container: object, key: string | number, target: number): void {
    this.#captures.patches.push([container, key, target]);
  }

  /** Functions first, then links: the numbers that patches use. */
  #targetOf(value: unknown): number | undefined {
    if ((typeof value !== "object" || value === null) && typeof value !== "function" && typeof value !== "symbol") return undefined;
    const { functions, linked, closures } = this.#discovery;
    const link = linked.get(value);
    return functions.get(value) ?? (link === undefined ? undefined : closures.length + link);
  }

  #copy(value: object): object {
    const kind = this.#discovery.objects.kindToCopy(value);
    if (kind === undefined) return value;
    const known = this.#copies.get(value);
    if (known) return known;
    if (kind === "buffer") return this.#copyBuffer(value as Buffer);
    if (kind === "map" || kind === "set") return this.#copyCollection(value as Map<unknown, unknown> | Set<unknown>);
    const copy: object = kind === "array" ? [] : kind === "error" ? copyOfError(value as Error) : {};
    if (Array.isArray(copy)) copy.length = (value as unknown[]).length; // holes stay holes
    this.#copies.set(value, copy);
    if (kind !== "error") for (const key of Object.keys(value)) this.#put(copy, key, (value as Record<string, unknown>)[key]);
    for (const [key, descriptor] of definedProperties(value, kind)) {
      const defined: Record<string, unknown> = {};
      // Configurable, because the properties are defined again when more functions exist.
      for (const [field, part] of Object.entries({ ...descriptor, configurable: true })) this.#put(defined, field, part);
      this.#captures.defined.push([copy, typeof key === "symbol" ? this.#targetOf(key)! : key, defined]);
    }
    if (kind === "plain" && Object.getPrototypeOf(value) === null) this.#captures.bare.push(copy);
    const owner = this.#discovery.classes.get(value);
    if (owner) this.#captures.instances.push([copy, this.#targetOf(owner) as number]);
    return copy;
  }

  /** Structured clone would turn a Buffer into a Uint8Array, and copy the whole pool that it was cut from. */
  #copyBuffer(value: Buffer): object {
    const copy = new Uint8Array(value);
    this.#copies.set(value, copy);
    this.#captures.instances.push([copy, this.#discovery.closures.length + this.#discovery.addLink(Buffer, bufferLink)]);
    return copy;
  }

  #copyCollection(value: Map<unknown, unknown> | Set<unknown>): object {
    const copy = types.isMap(value) ? new Map<unknown, unknown>() : new Set<unknown>();
    this.#copies.set(value, copy);
    const entries: unknown[] = [];
    this.#captures.collections.push([copy, entries]);
    for (const item of types.isMap(value) ? [...value].flat() : value) this.#put(entries, entries.length, item);
    return copy;
  }
}

/** An error that structured clone copies with its message and stack. */
function copyOfError({ message, stack }: Error): Error {
  const copy = new Error(message);
  Object.defineProperty(copy, "stack", { value: stack });
  return copy;
}

const bufferLink: Link = { kind: "reference", module: "global", export: "Buffer", loader: "global", name: "Buffer" };
