// The text of any value, also of an object that cannot be converted to a string, such as one without a prototype.

/** `String(value)`, or a description if that throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value without a string form (${typeof value})`;
  }
}
