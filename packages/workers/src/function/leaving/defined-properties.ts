// The properties of captured objects that structured clone leaves out: hidden ones, those under symbols, and those of errors.
import type { ObjectKind } from "./captured-value.js";
import { nameOfShared } from "./shared-symbols.js";

/**
 * The properties of an object that structured clone leaves out. A property under a symbol that exists on this thread only is
 * left out here too, because code of another thread cannot ask for it.
 */
export function definedProperties(value: object, kind: ObjectKind["kind"]): [key: string | symbol, descriptor: PropertyDescriptor][] {
  if (kind !== "plain" && kind !== "array" && kind !== "instance" && kind !== "error") return [];
  const found: [key: string | symbol, descriptor: PropertyDescriptor][] = [];
  const add = (key: string | symbol, descriptor = Object.getOwnPropertyDescriptor(value, key)!): void => void found.push([key, descriptor]);
  for (const key of Object.getOwnPropertySymbols(value)) if (nameOfShared(key) !== undefined) add(key);
  if (kind === "array") return found; // its only hidden property is its length
  const names = Object.getOwnPropertyNames(value);
  if (kind !== "error" && names.length === Object.keys(value).length) return found;
  for (const key of names) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (kind === "error" ? key !== "message" && key !== "stack" : !descriptor.enumerable) add(key, descriptor);
  }
  return found;
}
