// Decides whether the value of a ContextVar crosses to workers by itself: only small data that arrives as it is. The
// value is looked at with each call, so it must be quick, and no getter of it may run.
import { functionName, isPrototypeOf } from "@offloop/workers/executor";
import { types } from "node:util";

/** A value with more parts stays. Copying it with each call would cost more than most calls. */
const MOST_PARTS = 1_000;

/** Why a value stays, as a clause that follows "it "; `undefined`: it crosses. */
export function stayOf(value: unknown): string | undefined {
  const left: unknown[] = [value];
  const seen = new Set<object>();
  for (let parts = 1; left.length > 0; parts += 1) {
    if (parts > MOST_PARTS) return "has more than 1,000 parts";
    const each = left.pop();
    if (typeof each === "function") return "contains a function";
    if (typeof each === "symbol") return "contains a symbol";
    if (typeof each !== "object" || each === null || seen.has(each)) continue;
    seen.add(each);
    if (types.isProxy(each)) return "contains a proxy";
    const prototype: object | null = Object.getPrototypeOf(each);
    if (types.isDate(each) && isPrototypeOf(Date, prototype)) continue;
    if (types.isMap(each) && isPrototypeOf(Map, prototype)) left.push(...each.keys(), ...each.values());
    else if (types.isSet(each) && isPrototypeOf(Set, prototype)) left.push(...each);
    else if (Array.isArray(each) && isPrototypeOf(Array, prototype)) left.push(...(each as unknown[]));
    else if (isPrototypeOf(Object, prototype) || prototype === null) {
      for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(each))) {
        if (descriptor.get !== undefined) return "contains a getter";
        left.push(descriptor.value);
      }
    } else return `contains an instance of ${classOf(each)}`;
  }
  return undefined;
}

function classOf(value: object): string {
  const made: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) as object, "constructor")?.value;
  return (typeof made === "function" && functionName(made)) || "a class";
}
