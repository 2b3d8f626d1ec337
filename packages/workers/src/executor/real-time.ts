// The functions of time, as they were when this package was loaded. A test runner that fakes timers later (vitest,
// sinon, node:test) therefore stops neither the pools nor the loop. This module is loaded among the first, long before
// a pool is.
/** As the global functions of these names. */
export const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } = globalThis;
/** As `process.hrtime` and `process.nextTick`. */
export const { hrtime, nextTick } = process;

/** As `performance.timeOrigin`, which is a getter with checks. */
export const { timeOrigin } = performance;

/** As `performance.now()`. */
export const now: () => number = performance.now.bind(performance);

/**
 * The zero of `now()` on the monotonic clock that all threads and processes of this machine share, in milliseconds. The
 * clock is read three times, because a thread may be suspended between the two readings.
 */
export const machineOrigin: number = Math.max(...[1, 2, 3].map(() => {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000 - now();
}));
