// Packs messages to and from threads: calls and outcomes that consist of numbers become one Float64Array,
// which costs a third of an array of the same numbers.
import { packNumbers } from "../executor/run-chunk.js";
import type { FromWorker, ToWorker } from "./messages.js";

/** The number of values from which packing is cheaper than an array. Measured. */
const LEAST = 64;

/** Packs a message in place, before it is posted. */
export function packMessage(message: ToWorker | FromWorker): void {
  if (message.type === "run") message.calls = packNumbers(message.calls as unknown[], LEAST);
  else if (message.type === "settled") message.outcomes = packNumbers(message.outcomes as unknown[], LEAST);
}
