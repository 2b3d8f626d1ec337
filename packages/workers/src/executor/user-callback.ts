// Calls callbacks of users in the middle of an executor's work. An error of a callback must neither interrupt that
// work nor be lost.
import { nextTick } from "./real-time.js";

/** Calls the callback. An error that it throws becomes an uncaught exception of the process, after the current work. */
export function callBack<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): void {
  try {
    callback(...args);
  } catch (error) {
    nextTick(() => {
      throw error;
    });
  }
}
