// Reads and writes stacks. `Error.prepareStackTrace` belongs to the program: it may throw when a stack is
// read for the first time, or return something that is no text.

/** The stack of an error, or of what `Error.captureStackTrace` was given; `undefined` where it cannot be had as text. */
export function readStack(error: object): string | undefined {
  try {
    const { stack } = error as { stack?: unknown };
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The lines below the title of such a stack. */
export function framesBelowTitle(error: object): string | undefined {
  const stack = readStack(error);
  const end = stack?.indexOf("\n") ?? -1;
  return end < 0 ? undefined : stack!.slice(end + 1);
}

/** Gives an error another stack, where that can be done. */
export function writeStack(error: Error, stack: string): void {
  try {
    Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
  } catch {
    // It keeps its own.
  }
}
