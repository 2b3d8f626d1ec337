// The first walk over a closure: every function that it reaches through its variables, each once, every
// value that they capture, and what is named instead of copied. Refuses what cannot move, and says how
// it was come by. Stops short where it meets a function of which nothing is known yet.
import type { Cell, Link } from "../protocol/function-payload.js";
import { classify, type ObjectKind } from "./captured-value.js";
import { type Closure, readClosure } from "./closure.js";
import type { Decision } from "./decision.js";
import { carriedProperties, parentOf } from "./function-properties.js";
import { type FunctionLocation, uninitialized } from "./inspector.js";
import { linkOfNamespace, linkOfObject, linkOfRequire, linkOfVariable } from "./links.js";
import { sharedVariables } from "./shared-variables.js";
import { describeFunction, describePlace, refusal } from "./travel-error.js";

type Fn = (...args: never[]) => unknown;

/** Where a value was come by, for messages. */
interface Trail {
  readonly closure: Closure;
  readonly variable: string;
  readonly path: string;
}

/** What a root function reaches. */
export class Discovery {
  readonly closures: Closure[] = [];
  /** Functions that travel as code, by their position in `closures`. */
  readonly functions = new Map<unknown, number>();
  readonly links: Link[] = [];
  /** Values that are links, by their position in `links`. */
  readonly linked = new Map<unknown, number>();
  /** Variables that are links whatever they hold, by their position in the closure. */
  readonly variableLinks = new Map<Closure, Map<number, number>>();
  readonly kinds = new Map<object, ObjectKind["kind"]>();
  /** The classes of instances. */
  readonly classes = new Map<object, Fn>();
  readonly cells: readonly Cell[];
  /** Functions met of which nothing is known; if there are any, the rest is not complete. */
  readonly undecided: Fn[] = [];
  /** Whether any value holds what cannot be cloned. */
  needsCopy = false;

  readonly #root: Fn;
  readonly #decide: (fn: Fn) => Decision;
  /** How each closure was come by; not the first. */
  readonly #trails = new Map<Closure, Trail>();

  /**
   * @param snapshot what the variables around `root` held when the call was made, if that is some time ago
   * @throws FunctionTravelError if `root`, or anything that it captures, cannot travel
   */
  constructor(root: Fn, location: FunctionLocation, decide: (fn: Fn) => Decision, snapshot?: ReadonlyMap<string, unknown>) {
    this.#root = root;
    this.#decide = decide;
    this.#addClosure(readClosure(root, location, snapshot), undefined);
    for (let index = 0; index < this.closures.length; index++) this.#discoverCaptures(this.closures[index] as Closure);
    const { cells, ambiguous } = sharedVariables(this.closures);
    if (ambiguous) throw this.#refuse({ ...ambiguous, path: ambiguous.variable }, ambiguous.reason);
    this.cells = cells;
  }

  addLink(value: unknown, link: Link): number {
    this.needsCopy = true;
    let position = this.linked.get(value);
    if (position === undefined) this.linked.set(value, (position = this.links.push(link) - 1));
    return position;
  }

  #addClosure(closure: Closure, trail: Trail | undefined): void {
    this.functions.set(closure.fn, this.closures.push(closure) - 1);
    if (trail) this.#trails.set(closure, trail);
    const obstacle = obstacleOf(closure, trail === undefined);
    if (!obstacle) return;
    if (!trail) throw refusal(closure.fn, closure.site.location, obstacle);
    throw this.#refuse(trail, `a function (${describePlace(closure.site.location)}) that cannot travel: ${obstacle}`);
  }

  #discoverCaptures(closure: Closure): void {
    const { site } = closure;
    for (const [index, variable] of site.variables.entries()) {
      const link = linkOfVariable(site.declaration(variable), site.location.url);
      if (!link) this.#discover(closure.values[index], { closure, variable, path: variable });
      else {
        const positions = this.variableLinks.get(closure) ?? new Map<number, number>();
        this.variableLinks.set(closure, positions.set(index, this.addLink(JSON.stringify(link), link)));
      }
    }
    const name = closure.fn.name || "it";
    for (const { key, on, descriptor } of carriedProperties(closure)) {
      const path = `${on === "function" ? name : `${name}.prototype`}.${String(key)}`;
      for (const value of [key, descriptor.value, descriptor.get, descriptor.set]) this.#discover(value, { closure, variable: "", path });
    }
    const parent = parentOf(closure);
    if (parent) this.#discover(parent, { closure, variable: "", path: `${name}'s parent class` });
  }

  #discover(value: unknown, trail: Trail): void {
    if (typeof value === "function") return this.#discoverFunction(value as Fn, trail);
    if (value === uninitialized) throw this.#refuse(trail, "a variable whose declaration has not been reached");
    if (typeof value === "symbol") return this.#discoverSymbol(value, trail);
    if (typeof value !== "object" || value === null || this.kinds.has(value) || this.linked.has(value)) return;
    const link = linkOfNamespace(value, this.#decide) ?? linkOfObject(value, () => Object.values(Object.getOwnPropertyDescriptors(value)).some((each) => typeof each.value === "function"));
    if (link) {
      if ("ask" in link) this.undecided.push(link.ask);
      else this.addLink(value, link);
      return;
    }
    const found = classify(value);
    if (found.kind === "refused") throw this.#refuse(trail, found.reason);
    this.kinds.set(value, found.kind);
    if (found.kind === "buffer" || found.kind === "instance") this.needsCopy = true;
    if (found.kind === "instance") {
      this.classes.set(value, found.class);
      this.#discover(found.class, within(trail, ".constructor"));
    }
    for (const [step, item] of partsOf(value, found.kind)) this.#discover(item, within(trail, step));
  }

  #discoverFunction(fn: Fn, trail: Trail): void {
    this.needsCopy = true;
    if (this.functions.has(fn) || this.linked.has(fn)) return;
    const required = linkOfRequire(fn, trail.closure.site.location.url);
    const decision = required ?? this.#decide(fn);
    if (!decision) this.undecided.push(fn);
    else if (decision.kind === "refused") throw this.#refuse(trail, `a function that cannot travel: ${decision.reason}`);
    else if (decision.kind === "code") this.#addClosure(readClosure(fn, decision.location), trail);
    else this.addLink(fn, decision);
  }

  #discoverSymbol(symbol: symbol, trail: Trail): void {
    const registered = Symbol.keyFor(symbol);
    const description = registered ?? wellKnownSymbols.get(symbol);
    if (description === undefined) throw this.#refuse(trail, `the symbol ${String(symbol)}, which is unique to this thread; Symbol.for() makes one that all threads have`);
    this.addLink(symbol, { kind: "symbol", description, registered: registered !== undefined });
  }

  /** The error for a captured value: how it was come by, where its variable is declared, and `reason`. */
  #refuse({ closure, variable, path }: Trail, reason: string): Error {
    const chain: string[] = [];
    for (let each = closure; each !== this.closures[0]; ) {
      chain.unshift(describeFunction(each.fn, each.site.location));
      each = this.#trails.get(each)?.closure ?? (this.closures[0] as Closure);
    }
    const holder = chain.length === 0 ? "it" : `it captures ${chain.join(", which captures ")}, which`;
    const declared = closure.site.declaration(variable);
    const where = declared ? ` (declared at ${describePlace({ ...declared, url: closure.site.location.url })})` : "";
    return refusal(this.#root, this.closures[0]?.site.location, `${holder} captures ${path}${where}, ${reason}`, advice);
  }
}

const advice = "Pass what it needs as arguments, or make it inside the function; or export the function from a module of its own, where each worker makes its own.";

const wellKnownSymbols = new Map(Object.getOwnPropertyNames(Symbol).flatMap((name) => {
  const value: unknown = (Symbol as unknown as Record<string, unknown>)[name];
  return typeof value === "symbol" ? [[value, name] as const] : [];
}));

function within(trail: Trail, step: string): Trail {
  return { ...trail, path: trail.path + step };
}

/** What keeps a function from working elsewhere, by how it is written. */
function obstacleOf({ site: { syntax, variables } }: Closure, isRoot: boolean): string | undefined {
  if (syntax.obstacle) return syntax.obstacle;
  if (syntax.form === "arrow" && syntax.thisUse === "used") return "it uses this of the function around it";
  if (syntax.form === "arrow" && variables.includes("arguments")) return "it uses arguments of the function around it";
  if (isRoot && syntax.form === "class") return "it is a class, which cannot be called without new";
  if (isRoot && syntax.thisUse === "used") return "it uses this, and a call has none. To call a method, pass (...args) => object.method(...args)";
  return undefined;
}

function* partsOf(value: object, kind: ObjectKind["kind"]): Generator<[step: string, part: unknown]> {
  switch (kind) {
    case "map":
      for (const [key, item] of value as Map<unknown, unknown>) {
        yield [".keys()", key];
        yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : ".values()", item];
      }
      return;
    case "set":
      for (const item of value as Set<unknown>) yield [".values()", item];
      return;
    case "array":
      for (let index = 0; index < (value as unknown[]).length; index++) {
        const item = (value as unknown[])[index];
        // Arrays of numbers are long, and have no parts.
        if (typeof item === "object" || typeof item === "function" || typeof item === "symbol") yield [`[${index}]`, item];
      }
      return;
    case "plain":
    case "instance":
      for (const key of Object.keys(value)) yield [/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, (value as Record<string, unknown>)[key]];
  }
}
