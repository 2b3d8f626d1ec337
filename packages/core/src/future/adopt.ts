// adopt(): follows promises that this package did not make, as `await` does. Some objects only look like a promise:
// their prototype is Promise.prototype, but they have no native slot (got, p-cancelable, proxies). Others have their own
// `then`, which may start the work, as in a query builder. adopt() calls it once.
import { isThenable } from "@offloop/workers/executor";
import { types } from "node:util";

/** Whether `await value` calls its `then`. A `then` that throws when it is read counts too, because `await` rejects with its error. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  try {
    return isThenable(value);
  } catch {
    return true;
  }
}

/** A native promise that settles as `await value` does; `value` itself if it is no promise. */
export function adopt<T>(value: T | PromiseLike<T>): T | Promise<T> {
  return isPromiseLike(value) ? Promise.resolve(value) : value;
}

/** Whether `value` has the native slot that followNatively() needs. */
export const isNativePromise = types.isPromise as <T>(value: unknown) => value is Promise<T>;
