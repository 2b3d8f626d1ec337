// Messages of many numbers to and from threads: calls and outcomes that are numbers throughout are one block
// of memory, which costs a third of an array of them.
import { packNumbers } from "../executor/run-chunk.js";
import type { FromWorker, ToWorker } from "./messages.js";

/** Of fewer values an array is cheaper. Measured. */
const LEAST = 64;

/** Packs a message in place, before it is posted. */
export function packMessage(message: ToWorker | FromWorker): void {
  if (message.type === "run") message.calls = packNumbers(message.calls as unknown[], LEAST);
  else if (message.type === "settled") message.outcomes = packNumbers(message.outcomes as unknown[], LEAST);
}
