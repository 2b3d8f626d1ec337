// Turns a program into its function. The code is compiled and the links are loaded once. Closures are
// created for the captures of each call, because calls share nothing.
import { FunctionTravelError } from "../../executor/errors.js";
import type { Captures, FunctionProgram } from "../../protocol/function-payload.js";
import { compileCode, type MadeFunction } from "./compile-code.js";
import { loadLink } from "./load-link.js";
import { NativePromise } from "../../executor/intrinsics.js";

type Fn = (...args: unknown[]) => unknown;

/** The function of `program`; if each call brings captures, the maker that takes them. */
export async function loadProgram(program: FunctionProgram): Promise<Fn> {
  const links = await NativePromise.all(program.links.map((link) => loadLink(link)));
  const makers = program.functions.map((code, index) => compileCode(code, program.cells.flatMap(({ name, users }) => (users.includes(index) ? [name] : []))));
  for (const [index, map] of program.maps ?? []) sourceMaps().set(program.functions[index]!.url, map);
  const { captures } = program;
  if (captures !== "each call") return new Assembly(program, makers, links, captures).assemble();
  return (own) => new Assembly(program, makers, links, own as Captures).assemble();
}

/** The source maps of scripts that were compiled elsewhere, as JSON by URL. A watchdog finds them here, by the same symbol. */
function sourceMaps(): Map<string, string> {
  const key = Symbol.for("offloop.sourceMaps.v1");
  const holder = globalThis as { [key]?: Map<string, string> };
  return (holder[key] ??= new Map());
}

/** The objects of the platform that function/leaving/captured-value.ts sends as arguments of their constructors. */
const REMADE = /^(?:URL|URLSearchParams|TextEncoder|TextDecoder|Intl\.\w+)$/;

type Maker = ReturnType<typeof compileCode>;

/** One set of closures over one set of captures. */
class Assembly {
  readonly #program: FunctionProgram;
  readonly #makers: readonly Maker[];
  readonly #links: readonly unknown[];
  readonly #captures: Captures;
  readonly #cells: readonly { filled: boolean; value: unknown }[];
  readonly #made: (MadeFunction | undefined)[];

  constructor(program: FunctionProgram, makers: readonly Maker[], links: readonly unknown[], captures: Captures) {
    this.#program = program;
    this.#makers = makers;
    this.#links = links;
    this.#captures = captures;
    this.#made = program.functions.map(() => undefined);
    this.#cells = program.cells.map(() => ({ filled: false, value: undefined }));
  }

  /**
   * Creating a function runs none of its code. Creating a class does: its superclass and its static fields. So
   * functions are created first, then each class after the classes that it needs. Values are put in place as
   * soon as they exist.
   */
  assemble(): Fn {
    const { functions } = this.#program;
    this.#remake();
    this.#fill();
    for (const [index, { isClass }] of functions.entries()) if (!isClass) this.#make(index);
    this.#fill();
    const classes = functions.flatMap(({ isClass }, index) => (isClass ? [index] : []));
    const visited = new Set<number>();
    for (const index of classes) this.#makeAfterNeeds(index, visited);
    return (this.#made[0] as MadeFunction).fn;
  }

  #remake(): void {
    for (const { name, args, places } of this.#captures.remade) {
      if (!REMADE.test(name)) throw new FunctionTravelError(`${this.#program.name} captures a ${name}, which is not created from data.`);
      let maker: unknown = globalThis;
      for (const key of name.split(".")) maker = (maker as Record<string, unknown>)[key];
      const made = Reflect.construct(maker as Fn, args) as unknown;
      for (const [container, key] of places) (container as Record<string | number, unknown>)[key] = made;
    }
  }

  #make(index: number): void {
    this.#made[index] = (this.#makers[index] as Maker)(this.#captures.variables[index] as unknown[], this.#cellsOf(index));
  }

  /** The shared variables of a function, as the properties of an object. */
  #cellsOf(index: number): object {
    const shared = Object.create(null) as object;
    for (const [position, { name, users }] of this.#program.cells.entries()) {
      const cell = this.#cells[position] as { value: unknown };
      if (!users.includes(index)) continue;
      Object.defineProperty(shared, name, {
        get: () => cell.value,
        set: (value) => {
          cell.value = value;
        },
      });
    }
    return shared;
  }

  #fillCells(): void {
    const { cells, functions } = this.#program;
    for (const [position, { name, users }] of cells.entries()) {
      const cell = this.#cells[position] as { filled: boolean; value: unknown };
      const [user = 0] = users;
      const value = this.#captures.variables[user]?.[functions[user]?.variables.indexOf(name) ?? 0];
      // Only once: a class that was created meanwhile may have assigned to it.
      if (!cell.filled && value !== undefined) Object.assign(cell, { filled: true, value });
    }
  }

  #makeAfterNeeds(index: number, visited: Set<number>): void {
    if (visited.has(index)) return;
    visited.add(index);
    const code = this.#program.functions[index];
    const variables = this.#captures.variables[index];
    for (const [container, key, target] of this.#captures.patches) {
      // A static field may call a function at once, which then needs all of its captured variables.
      if (container === variables && target < this.#made.length && (!code?.isClass || code.eager.includes(key as number))) this.#makeAfterNeeds(target, visited);
    }
    if (!code?.isClass) return;
    this.#make(index);
    this.#fill();
  }

  /** Puts every target that exists in its places, and makes it visible to the functions. */
  #fill(): void {
    const { patches, instances, defined, bare, collections, variables } = this.#captures;
    for (const [container, key, target] of patches) {
      const value = this.#target(target);
      if (value === undefined) continue;
      Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
    }
    for (const [object, target] of instances) {
      const owner = this.#target(target) as { prototype: object } | undefined;
      if (owner) Object.setPrototypeOf(object, owner.prototype);
    }
    for (const [object, key, descriptor] of defined) Object.defineProperty(object, typeof key === "number" ? (this.#target(key) as symbol) : key, descriptor);
    for (const object of bare) Object.setPrototypeOf(object, null);
    for (const [collection, entries] of collections) {
      collection.clear();
      if (collection instanceof Map) for (let index = 0; index < entries.length; index += 2) collection.set(entries[index], entries[index + 1]);
      else for (const entry of entries) collection.add(entry);
    }
    this.#fillCells();
    this.#dress();
    for (const [index, made] of this.#made.entries()) made?.assign(variables[index] as unknown[]);
  }

  #target(target: number): unknown {
    return target < this.#made.length ? this.#made[target]?.fn : this.#links[target - this.#made.length];
  }

  /** Gives the created functions the properties that their code does not create. Never changes a function that was there before. */
  #dress(): void {
    for (const [child, parent] of this.#captures.heirs) {
      const heir = this.#made[child]?.fn as unknown as { prototype: object } | undefined;
      const ancestor = this.#target(parent) as { prototype: object } | undefined;
      if (!heir || !ancestor) continue;
      Object.setPrototypeOf(heir, ancestor);
      Object.setPrototypeOf(heir.prototype, ancestor.prototype);
    }
    for (const { owner, on, key, descriptor } of this.#captures.properties) {
      const fn = this.#made[owner]?.fn as unknown as { prototype: object } | undefined;
      if (fn) Object.defineProperty(on === "function" ? fn : fn.prototype, typeof key === "number" ? (this.#target(key) as symbol) : key, descriptor);
    }
  }
}
