// The first walk over a closure: finds every function that it reaches through its variables, every value that
// they capture, and everything that travels by name. Refuses a value that cannot travel, with the path to it.
// Stops at a function whose decision is not known yet.
import type { Cell, Link } from "../../protocol/function-payload.js";
import { classify, type ObjectKind } from "./captured-value.js";
import { type Closure, readClosure } from "./closure.js";
import { Components } from "./components.js";
import type { Decision } from "./decision.js";
import { definedProperties } from "./defined-properties.js";
import { carriedProperties, parentOf } from "./function-properties.js";
import type { FunctionLocation } from "./function-location.js";
import { uninitialized } from "./inspector.js";
import { linkOfExports, linkOfGlobal, linkOfNamespace, linkOfRequire, linkOfVariable } from "./links.js";
import { obstacleOf } from "./obstacle.js";
import { nameOfShared } from "./shared-symbols.js";
import { sharedVariables } from "./shared-variables.js";
import { describeTrail, type Trail } from "./trail.js";
import { describeFunction, describePlace, refusal } from "./travel-error.js";
import { warnOfChanges } from "./warn-of-changes.js";
import { functionName } from "../../executor/text-of.js";

type Fn = (...args: never[]) => unknown;

/** Everything that a root function reaches. */
export class Discovery {
  readonly closures: Closure[] = [];
  /** Functions that travel as code, by their position in `closures`. */
  readonly functions = new Map<unknown, number>();
  readonly links: Link[] = [];
  /** Values that are links, by their position in `links`. */
  readonly linked = new Map<unknown, number>();
  /** Variables that are links whatever their value is, by their position in the closure. */
  readonly variableLinks = new Map<Closure, Map<number, number>>();
  readonly objects = new Components();
  readonly remade = new Map<object, { readonly name: string; readonly args: readonly unknown[] }>();
  /** The classes of instances. */
  readonly classes = new Map<object, Fn>();
  readonly cells: readonly Cell[];
  /** Functions without a decision. If there are any, the result is incomplete. */
  readonly undecided: Fn[] = [];
  readonly #root: Fn;
  readonly #decide: (fn: Fn) => Decision;
  /** The path to each closure, except the first. */
  readonly #trails = new Map<Closure, Trail>();

  /**
   * @param snapshot the values of the variables around `root` when the call was made, if something was awaited since
   * @throws FunctionTravelError if `root`, or a value that it captures, cannot travel
   */
  constructor(root: Fn, location: FunctionLocation, decide: (fn: Fn) => Decision, snapshot?: ReadonlyMap<string, unknown>) {
    this.#root = root;
    this.#decide = decide;
    this.#addClosure(readClosure(root, location, snapshot), undefined);
    for (let index = 0; index < this.closures.length; index++) this.#discoverCaptures(this.closures[index] as Closure);
    const { cells, ambiguous } = sharedVariables(this.closures);
    if (ambiguous) throw this.#refuse({ closure: ambiguous.closure, up: undefined, key: ambiguous.variable }, ambiguous.reason);
    this.cells = cells;
  }

  addLink(value: unknown, link: Link): number {
    let position = this.linked.get(value);
    if (position === undefined) this.linked.set(value, (position = this.links.push(link) - 1));
    return position;
  }

  #addClosure(closure: Closure, trail: Trail | undefined): void {
    this.functions.set(closure.fn, this.closures.push(closure) - 1);
    if (trail) this.#trails.set(closure, trail);
    warnOfChanges(closure);
    const obstacle = obstacleOf(closure, trail === undefined);
    if (!obstacle) return;
    if (!trail) throw refusal(closure.fn, closure.site.location, obstacle.reason, obstacle.advice);
    throw this.#refuse(trail, `a function (${describePlace(closure.site.location)}) that cannot travel: ${obstacle.reason}`, obstacle.advice);
  }

  #discoverCaptures(closure: Closure): void {
    const { site } = closure;
    for (const [index, variable] of site.variables.entries()) {
      const link = linkOfVariable(site.declaration(variable), site.location.url);
      if (!link) this.#discover(closure.values[index], { closure, up: undefined, key: variable });
      else {
        const positions = this.variableLinks.get(closure) ?? new Map<number, number>();
        this.variableLinks.set(closure, positions.set(index, this.addLink(JSON.stringify(link), link)));
      }
    }
    const name = functionName(closure.fn) || "it";
    for (const { key, on, descriptor } of carriedProperties(closure)) {
      const place = `${on === "function" ? name : `${name}.prototype`}.${String(key)}`;
      for (const value of [key, descriptor.value, descriptor.get, descriptor.set]) this.#discover(value, { closure, up: undefined, key: place });
    }
    const parent = parentOf(closure);
    if (parent) this.#discover(parent, { closure, up: undefined, key: `${name}'s parent class` });
  }

  #discover(value: unknown, trail: Trail): void {
    if (!trail.up) this.objects.begin();
    if (typeof value === "function") return this.#discoverFunction(value as Fn, trail);
    if (value === uninitialized) throw this.#refuse(trail, "a variable whose declaration has not been reached");
    if (typeof value === "symbol") return this.#discoverSymbol(value, trail);
    if (typeof value !== "object" || value === null || this.objects.meet(value)) return;
    const link = linkOfGlobal(value) ?? linkOfNamespace(value, this.#decide);
    if (link) return "ask" in link ? void this.undecided.push(link.ask) : this.#addGap(value, link);
    const found = classify(value);
    if (found.kind === "refused") throw this.#refuse(trail, found.reason);
    const exports = found.kind === "plain" ? linkOfExports(value) : undefined;
    if (exports) return this.#addGap(value, exports);
    this.objects.add(value, found.kind);
    if (found.kind === "buffer" || found.kind === "instance" || found.kind === "remade") this.objects.gap();
    if (found.kind === "remade") this.remade.set(value, found);
    if ("class" in found && found.class !== undefined) {
      this.objects.gap();
      this.classes.set(value, found.class);
      this.#discover(found.class, { closure: trail.closure, up: trail, key: "constructor" });
    }
    if (found.kind === "plain" && Object.getPrototypeOf(value) === null) this.objects.gap();
    for (const [key, { value: held, get, set }] of definedProperties(value, found.kind)) {
      this.objects.gap();
      const step: Trail = typeof key === "string" ? { closure: trail.closure, up: trail, key } : { closure: trail.closure, up: trail, key: `[${String(key)}]`, literal: true };
      for (const part of [key, held, get, set]) if (!isPrimitive(part)) this.#discover(part, step);
    }
    this.#discoverParts(value, found.kind, trail);
  }

  /** Most data are primitive values, which are skipped at once. */
  #discoverParts(value: object, kind: ObjectKind["kind"], up: Trail): void {
    const { closure } = up;
    if (kind === "map" || kind === "set") {
      for (const [key, item] of (value as Map<unknown, unknown> | Set<unknown>).entries()) {
        if (kind === "map" && !isPrimitive(key)) this.#discover(key, { closure, up, key: ".keys()", literal: true });
        if (!isPrimitive(item)) this.#discover(item, { closure, up, key: ".values()", literal: true });
      }
    } else if (kind === "array") {
      for (let index = 0; index < (value as unknown[]).length; index++) {
        const item = (value as unknown[])[index];
        if (!isPrimitive(item)) this.#discover(item, { closure, up, key: index });
      }
    } else if (kind === "plain" || kind === "instance") {
      for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key];
        if (!isPrimitive(item)) this.#discover(item, { closure, up, key });
      }
    }
  }

  #addGap(value: unknown, link: Link): void {
    this.objects.gap();
    this.addLink(value, link);
  }

  #discoverFunction(fn: Fn, trail: Trail): void {
    this.objects.gap();
    if (this.functions.has(fn) || this.linked.has(fn)) return;
    const required = linkOfRequire(fn, trail.closure.site.location.url);
    const decision = required ?? this.#decide(fn);
    if (!decision) this.undecided.push(fn);
    else if (decision.kind === "refused") throw this.#refuse(trail, `a function that cannot travel: ${decision.reason}`, decision.advice);
    else if (decision.kind === "code") this.#addClosure(readClosure(fn, decision.location), trail);
    else this.addLink(fn, decision);
  }

  #discoverSymbol(symbol: symbol, trail: Trail): void {
    const name = nameOfShared(symbol);
    if (name === undefined) throw this.#refuse(trail, `the symbol ${String(symbol)}, which exists on this thread only; Symbol.for() creates one that all threads share`);
    this.#addGap(symbol, { kind: "symbol", ...name });
  }

  /** The error for a captured value: the path to it, where its variable is declared, and `reason`. */
  #refuse(trail: Trail, reason: string, advice = ADVICE): Error {
    const chain: string[] = [];
    for (let each: Closure | undefined = trail.closure; each && each !== this.closures[0]; each = this.#trails.get(each)?.closure) {
      chain.unshift(describeFunction(each.fn, each.site.location));
    }
    const holder = chain.length === 0 ? "it" : `it captures ${chain.join(", which captures ")}, which`;
    return refusal(this.#root, this.closures[0]?.site.location, `${holder} captures ${describeTrail(trail)}, ${reason}`, advice);
  }
}

const ADVICE = "Pass the data as arguments, or create the value inside the function. Or export the function from a module, so that each worker creates its own value.";

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}
