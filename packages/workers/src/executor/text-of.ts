// The text of any value, also of an object that cannot be converted to a string, such as one without a prototype.
import { isError } from "./realm.js";

/** `String(value)`, or a description if that throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value without a string form (${typeof value})`;
  }
}

/** The name of a function; empty if it has none, or one that is no text or cannot be read. */
export function functionName(fn: object): string {
  try {
    const { name } = fn as { readonly name?: unknown };
    return typeof name === "string" ? name : "";
  } catch {
    return "";
  }
}

/** The name of the class of an object; "object" if it has none that can be read. */
export function classNameOf(value: object): string {
  try {
    return functionName(value.constructor) || "object";
  } catch {
    return "object";
  }
}

/** The message of an error, or the text of another value that was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return isError(thrown) ? String(thrown.message) : String(thrown);
  } catch {
    return textOf(thrown);
  }
}
