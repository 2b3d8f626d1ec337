// Values of another context of this thread. node:vm makes such contexts, and Jest and the vm pools of vitest run tests
// in them. Each has its own `Error`, `Map` and `Function`, so `instanceof` and a comparison of prototypes miss them.
import { types } from "node:util";

/** Whether a value is an error, of any context. Never throws. */
export function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    return false; // a trap of a proxy threw
  }
}

/** Whether `prototype` is that of a class of the language, as the context of the object has it. */
export function isPrototypeOf(Class: abstract new (...args: never[]) => unknown, prototype: object | null): boolean {
  return prototype !== null && (prototype === Class.prototype || classOfLanguage(prototype, Class.name) !== undefined);
}

/** The constructor of a prototype, if the language has it under that name in any context. A getter or a trap may throw. */
function classOfLanguage(prototype: object, name: string): Function | undefined {
  try {
    const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    return typeof made === "function" && made.name === name && isNativeFunction(made) ? made : undefined;
  } catch {
    return undefined;
  }
}

/** The global object of the context that a function comes from; `undefined`: it comes from this one. */
export function foreignGlobal(fn: object): object | undefined {
  for (let each = prototypeOf(fn); each !== null; each = prototypeOf(each)) {
    const made = classOfLanguage(each, "Function");
    if (made !== undefined) return made === Function ? undefined : globalOf(made as FunctionConstructor);
  }
  return undefined;
}

function prototypeOf(value: object): object | null {
  try {
    return Object.getPrototypeOf(value) as object | null;
  } catch {
    return null; // a trap of a proxy threw
  }
}

function globalOf(itsFunction: FunctionConstructor): object | undefined {
  try {
    return itsFunction("return globalThis")() as object;
  } catch {
    return undefined; // the context allows no code from strings
  }
}

/** Whether the source of a function cannot be read: native code, or a bound function. */
export function isNativeFunction(fn: object): boolean {
  return /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));
}
