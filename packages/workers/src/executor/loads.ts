// Counts the loads of modules that are under way in this thread, in a word of shared memory. Node 20 and 22 abort the
// whole process if a thread is ended while it requires an ES module, so the main side waits: dispatch/after-loads.ts.

let word: Int32Array | undefined;

/** In a thread of a pool or of an actor: counts the loads of this thread in `shared[0]` from now on. */
export function countLoadsIn(shared: Int32Array): void {
  word = shared;
}

/** Runs `load`, which requires a module. */
export function counted<T>(load: () => T): T {
  if (word === undefined) return load();
  Atomics.add(word, 0, 1);
  try {
    return load();
  } finally {
    Atomics.sub(word, 0, 1);
  }
}
