// The time for which a thread has used a processor, or has waited for a free one. The rest of its time it was blocked:
// by a timer, a file, a socket, another process, or Atomics.wait.
import { readFileSync } from "node:fs";

/**
 * Reads it where Linux keeps it. @param thread `<pid>`, or `self/task/<tid>`
 * @returns milliseconds; `undefined`: this system does not tell
 */
export function busyMsOf(thread: string): number | undefined {
  try {
    // "<ns on a processor> <ns in the queue for one> <turns>"
    const [used, waited] = readFileSync(`/proc/${thread}/schedstat`, "utf8").split(" ");
    return (Number(used) + Number(waited)) / 1e6;
  } catch {
    return undefined;
  }
}
