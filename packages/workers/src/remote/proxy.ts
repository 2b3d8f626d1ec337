// proxy(): marks what stays where it is. Marks are kept beside the values, so that frozen objects and
// module namespaces can have them too.
import type { Proxied } from "./remote-types.js";

// On globalThis by a registered symbol, so that a bundled copy of this module sees the same marks.
const key = Symbol.for("offloop.proxied");
const holder = globalThis as { [key]?: WeakSet<object> };
const marked = (holder[key] ??= new WeakSet());

/**
 * Marks a callback, or an object with methods, so that it stays on its side when it is passed to an
 * actor or returned by one: the other side is given its remote form, whose calls are asynchronous.
 *
 * An argument or a result has to be marked itself; inside other data nothing is looked for. Each
 * passing makes a remote form of its own, which lives as long as it is reachable over there.
 * @param value a function or an object; not changed, and not copied
 * @returns the same value
 * @throws TypeError if it is neither
 * @example
 * await actor.index(files, proxy((done: number) => console.log(done)));
 */
export function proxy<T extends object>(value: T): Proxied<T> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) throw new TypeError(`proxy() takes a function or an object; got ${String(value)}. Other values are copied as they are.`);
  marked.add(value);
  return value as Proxied<T>;
}

/** Whether `proxy` has marked it. */
export function isProxied(value: unknown): value is object {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && marked.has(value);
}
