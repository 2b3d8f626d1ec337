// Properties of a function that its code does not create: those that were assigned to it, and to the
// prototype of what it constructs. Compilers for old targets write whole classes in this way.
import type { Closure } from "./closure.js";
import { parse, type SyntaxNode } from "./source/parse.js";

/** A property that the code of the function does not create. */
export interface CarriedProperty {
  readonly on: "function" | "prototype";
  readonly key: string | symbol;
  readonly descriptor: PropertyDescriptor;
}

const madeByCode = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller", "constructor"]);

/** The properties of a closure. Of a class, those that its code does not create: enumerable ones, and methods and accessors that were replaced or added. */
export function carriedProperties({ fn, site }: Closure): CarriedProperty[] {
  const found: CarriedProperty[] = [];
  const take = (on: CarriedProperty["on"], holder: object): void => {
    for (const key of Reflect.ownKeys(holder)) {
      if (madeByCode.has(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(holder, key);
      if (descriptor && (descriptor.enumerable || site.syntax.form === "function" || isReplaced(fn, on, key, descriptor))) found.push({ on, key, descriptor });
    }
  };
  take("function", fn);
  const prototype = prototypeOf(fn);
  if (prototype) take("prototype", prototype);
  return found;
}

const members = new WeakMap<object, ReadonlySet<string>>();

/** Whether a property of a class is not the one that the class's code creates. */
function isReplaced(fn: object, on: CarriedProperty["on"], key: string | symbol, { value, get, set }: PropertyDescriptor): boolean {
  let known = members.get(fn);
  if (known === undefined) members.set(fn, (known = membersOf(Function.prototype.toString.call(fn))));
  const isMade = (part: unknown): boolean => {
    if (typeof part !== "function") return part === undefined;
    const text = Function.prototype.toString.call(part);
    return known.has(`${on} ${String(key)} ${text}`) || known.has(`${on} ${text}`);
  };
  return ![value, get, set].every(isMade);
}

/** The methods and accessors in a class's source: where they are, their names unless computed, and their texts. */
function membersOf(source: string): ReadonlySet<string> {
  const found = new Set<string>();
  const [statement] = parse(`(${source})`, "script")["body"] as [SyntaxNode];
  for (const member of (statement["expression"] as SyntaxNode & { readonly body: { readonly body: readonly Member[] } }).body.body) {
    if (member.type !== "MethodDefinition") continue;
    const text = source.slice(member.start - 1, member.end - 1).replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/.*\n)+/, member.static ? "" : "$&");
    const on = member.static ? "function" : "prototype";
    found.add(member.computed ? `${on} ${text}` : `${on} ${String(member.key.name ?? member.key.value)} ${text}`);
  }
  return found;
}

interface Member extends SyntaxNode {
  readonly static: boolean;
  readonly computed: boolean;
  readonly key: { readonly name?: string; readonly value?: unknown };
}

/** The parent of a constructor that inherits without `class`. */
export function parentOf({ fn, site }: Closure): ((...args: never[]) => unknown) | undefined {
  const parent: unknown = Object.getPrototypeOf(fn);
  const inherits = site.syntax.form === "function" && typeof parent === "function" && prototypeOf(fn) && parent !== Function.prototype && prototypeOf(parent);
  return inherits && Object.getPrototypeOf(prototypeOf(fn) as object) === prototypeOf(parent) ? (parent as (...args: never[]) => unknown) : undefined;
}

function prototypeOf(fn: object): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  return typeof value === "object" && value !== null ? value : undefined;
}
