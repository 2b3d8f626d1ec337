// Reads and writes the stacks of errors. The program may set `Error.prepareStackTrace`. It may throw when a stack is
// first read, or return a value that is not a string.

/** The stack of an error, or of an object that `Error.captureStackTrace` has filled; `undefined`: it is not a string, or reading it throws. */
export function readStack(error: object): string | undefined {
  try {
    const { stack } = error as { stack?: unknown };
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of such a stack below its title. */
export function framesBelowTitle(error: object): string | undefined {
  const stack = readStack(error);
  const end = stack?.indexOf("\n") ?? -1;
  return end < 0 ? undefined : stack!.slice(end + 1);
}

/** Replaces the stack of an error, if that is possible. */
export function writeStack(error: Error, stack: string): void {
  try {
    Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
  } catch {
    // The property cannot be defined, and the error keeps its own stack.
  }
}
