// Loads what the first thread of a program needs, before it is needed.
import { loadDependency } from "./load-module.js";

/**
 * Loads piscina. Whoever can wait calls it in a turn of its own, so that the start of the first thread holds the loop for
 * less time. Never throws: the thread that cannot start has the reason.
 */
export function prepareThreads(): void {
  try {
    loadDependency(import.meta.url, "piscina");
  } catch {
    // tried again by the first thread
  }
}
