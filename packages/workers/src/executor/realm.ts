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
  if (prototype === null || prototype === Class.prototype) return prototype !== null;
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" && made.name === Class.name && isNativeFunction(made);
}

/** The global object of the context that a function comes from; `undefined`: it comes from this one. */
export function foreignGlobal(fn: object): object | undefined {
  for (let each: object | null = fn; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const made: unknown = Object.getOwnPropertyDescriptor(each, "constructor")?.value;
    if (made === Function) return undefined;
    if (typeof made === "function" && made.name === "Function" && isNativeFunction(made)) return globalOf(made as FunctionConstructor);
  }
  return undefined;
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
