// Properties of a function that its code does not create: those that were assigned to it, and to the
// prototype of what it constructs. Compilers for old targets write whole classes in this way.
import type { Closure } from "./closure.js";

/** A property that the code of the function does not create. */
export interface CarriedProperty {
  readonly on: "function" | "prototype";
  readonly key: string | symbol;
  readonly descriptor: PropertyDescriptor;
}

const madeByCode = new Set<string | symbol>(["length", "name", "prototype", "arguments", "caller", "constructor"]);

/** The properties of a closure. For a class only the enumerable ones, because its code creates its methods. */
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
