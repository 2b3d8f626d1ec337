// The properties of captured objects that structured clone leaves out: hidden ones, and those of errors.
import type { ObjectKind } from "./captured-value.js";

/** The properties of an object that structured clone leaves out, by name. */
export function definedProperties(value: object, kind: ObjectKind["kind"]): [key: string, descriptor: PropertyDescriptor][] {
  if (kind !== "plain" && kind !== "instance" && kind !== "error") return [];
  const names = Object.getOwnPropertyNames(value);
  if (kind !== "error" && names.length === Object.keys(value).length) return [];
  return names.flatMap((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    const isLeftOut = kind === "error" ? key !== "message" && key !== "stack" : !descriptor.enumerable;
    return isLeftOut ? [[key, descriptor] as [string, PropertyDescriptor]] : [];
  });
}
