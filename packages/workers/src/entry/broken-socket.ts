// Ends a child process whose socket gives bytes that are no message, because a task has read from its descriptor. The end
// settles the calls. An error that was thrown instead could be caught by the program, and the calls would wait for ever.
import { writeSync } from "node:fs";
import { readStack } from "../executor/stack.js";

const STDERR_FD = 2;

// Read at start, because user code may replace properties of `process`.
/** Ends this process, also if user code has replaced `process.exit`. */
export const exit: (code: number) => never = process.exit.bind(process);

/** Runs `read`. If it throws, prints why and ends the process. */
export function endBroken(read: () => void): void {
  try {
    read();
  } catch (error) {
    try {
      writeSync(STDERR_FD, `${readStack(error as Error) ?? ""}\n`);
    } catch {
      // Nobody reads it.
    }
    exit(1);
  }
}
