// The engine's promise operations, without the overrides of Future.

/** `Promise.prototype.then`: settles as the native slot does. */
const { then } = Promise.prototype;

/** Follows a promise through its native slot. No task is recorded as waiting. */
export function followNatively<T, A, B = never>(promise: Promise<T>, onValue: ((value: T) => A | PromiseLike<A>) | null | undefined, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
  return then.call(promise, onValue as never, onError as never) as Promise<A | B>;
}

const sourceOf = Function.prototype.toString;
const NATIVE_SOURCE = "function () { [native code] }";

/** Whether a callback is the engine's own. `await` passes such callbacks; `.then(callback)` of user code does not. */
export function isNative(callback: unknown): boolean {
  try {
    return typeof callback === "function" && callback.length === 1 && callback.name === "" && sourceOf.call(callback) === NATIVE_SOURCE;
  } catch {
    return false; // a getter or a trap threw
  }
}
