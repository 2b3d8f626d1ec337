// What a function carries besides its code: properties that were put on it, and on the prototype of
// what it constructs. Compilers for old targets write whole classes that way.
import type { Closure } from "./closure.js";

/** A property that the code of the function does not make by itself. */
export interface CarriedProperty {
  readonly on: "function" | "prototype";
  readonly key: string | symbol;
  readonly descriptor: PropertyDescriptor;
}

const madeByCode = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller", "constructor"]);

/** The carried properties of a closure. Of a class only the enumerable ones: its methods are in its code. */
export function carriedProperties({ fn, site }: Closure): CarriedProperty[] {
  const found: CarriedProperty[] = [];
  const take = (on: CarriedProperty["on"], holder: object): void => {
    for (const key of Reflect.ownKeys(holder)) {
      if (madeByCode.has(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(holder, key);
      if (descriptor && (descriptor.enumerable || site.syntax.form === "function")) found.push({ on, key, descriptor });
    }
  };
  take("function", fn);
  const prototype = prototypeOf(fn);
  if (prototype) take("prototype", prototype);
  return found;
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
