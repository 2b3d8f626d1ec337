// proxy(): marks a value that stays on its side. The marks are kept beside the values, so frozen objects and
// module namespaces can have them too.
import { invalidArgument } from "../executor/check-options.js";
import type { Proxied } from "./remote-types.js";

/** Resolves to `never`, and exists for signatures only. With it, the compiler infers `T` from an optional parameter too, so that a callback's parameters have types. */
export type Absent<T> = T extends never ? undefined : never;

// A property of globalThis under a registered symbol, so a bundled copy of this module sees the same marks.
const key = Symbol.for("offloop.proxied");
const holder = globalThis as { [key]?: WeakSet<object> };
const marked = (holder[key] ??= new WeakSet());

/**
 * Marks a callback, or an object with methods, so that it stays on its side when it is passed to an
 * actor or returned by one. The other side receives its remote form, whose calls are asynchronous.
 *
 * The marked value must be an argument or a result itself; marks inside other data have no effect. Each
 * time the value is passed, a new remote form is created. It lives as long as the other side can reach it.
 * @param value a function or an object; it is neither changed nor copied
 * @returns the same value
 * @throws InvalidArgumentError if it is neither
 * @example
 * await actor.index(files, proxy((done: number) => console.log(done)));
 */
export function proxy<T extends object>(value: T): Proxied<T> | Absent<T> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) throw invalidArgument("proxy()", "a function or an object", value, "the value itself: other values are copied as they are");
  marked.add(value);
  return value as Proxied<T> | Absent<T>;
}

/** Whether `proxy` has marked the value. */
export function isProxied(value: unknown): value is object {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && marked.has(value);
}
