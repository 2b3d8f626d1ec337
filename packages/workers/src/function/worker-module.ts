// workerModule(): the exports of a module as references, typed, without loading it on this thread.
import type { TaskReference } from "../executor/callable.js";
import { moduleUrl } from "./task.js";

type AnyClass = abstract new (...args: never[]) => unknown;
type AnyFunction = (...args: never[]) => unknown;
/** Objects whose methods belong to the language, not to the module. */
type Data = readonly unknown[] | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Date | RegExp | Error | Promise<unknown> | ArrayBufferLike | ArrayBufferView | URL;

type Reference<F> = F extends (...args: infer A) => infer R ? TaskReference<A, R> : never;
type MethodKeys<T> = { [K in keyof T & string]: T[K] extends AnyClass ? never : T[K] extends AnyFunction ? K : never }[keyof T & string];
type Methods<T> = [MethodKeys<T>] extends [never] ? never : { readonly [K in MethodKeys<T>]: Reference<T[K]> };
type Exported<T> = T extends AnyClass ? Methods<T> : T extends AnyFunction ? Reference<T> : T extends Data ? never : T extends object ? Methods<T> : never;

/**
 * A module seen from another thread: each exported function as a reference, and each exported object or class
 * as the references to its (static) methods. Other exports do not appear.
 */
export type WorkerModule<M> = { readonly [K in keyof M as [Exported<M[K]>] extends [never] ? never : K]: Exported<M[K]> };

/**
 * Names a module's functions for a worker, with their types, without loading the module on this thread.
 *
 * The type argument is erased. Nothing is imported until a worker runs the first call, so a wrong URL or name
 * rejects that call.
 * @param module its absolute URL: `new URL("./tasks.js", import.meta.url)`
 * @throws InvalidOptionError if `module` is not an absolute URL or path
 * @example
 * const tasks = workerModule<typeof import("./tasks.js")>(new URL("./tasks.js", import.meta.url));
 * await pool.submit(tasks.render, "# Title");
 */
export function workerModule<M extends object>(module: string | URL): WorkerModule<M> {
  return references(moduleUrl("workerModule()", module), "") as WorkerModule<M>;
}

/** Any name gives a reference. Which names exist is known only where the module is loaded. */
function references(module: string, path: string): object {
  const made = new Map<string, object>();
  const own = Object.freeze(path === "" ? {} : { module, export: path });
  return new Proxy(own, {
    get(target, key) {
      if (typeof key !== "string" || notExports.has(key)) return undefined;
      if (Object.hasOwn(target, key)) return target[key as keyof typeof target];
      let reference = made.get(key);
      if (!reference) made.set(key, (reference = references(module, path === "" ? key : `${path}.${key}`)));
      return reference;
    },
  });
}

/** `await` and `JSON.stringify` read these of any object. A reference would make this one look like a promise. */
const notExports = new Set(["then", "toJSON"]);
