// Callbacks that users give to an executor are called in the middle of its work: what one throws must
// not leave that work half done, and must not be lost either.

/** Calls back. What it throws is an uncaught exception of the process, as of a listener, when the work at hand is done. */
export function callBack<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): void {
  try {
    callback(...args);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
