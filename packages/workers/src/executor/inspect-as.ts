// inspectAs(): how console.log and util.inspect show an object: `Task w [pending, work()]`.

interface InspectOptions {
  readonly depth?: number | null | undefined;
}

/**
 * Makes `util.inspect` show the instances of a class as the text that `text` returns.
 * @param text its `show` inspects a part, in the style of the whole
 */
export function inspectAs<T extends object>(prototype: T, text: (it: T, show: (part: unknown) => string) => string): void {
  const value = function (this: T, depth: number | null, options: InspectOptions, inspect: (part: unknown, options: InspectOptions) => string): string {
    try {
      return text(this, (part) => inspect(part, { ...options, depth: depth === null ? null : depth - 1 }));
    } catch {
      // The object is the prototype itself, or its error or name cannot be read.
      return Object.prototype.toString.call(this);
    }
  };
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), { value, configurable: true, writable: true });
}
