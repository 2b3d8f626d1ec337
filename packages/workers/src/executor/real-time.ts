// The functions of time, as they were when this package was loaded. A test runner that fakes timers later (vitest,
// sinon, node:test) therefore stops neither the pools nor the loop. This module is loaded among the first, long before
// a pool is.
export const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } = globalThis;
export const { nextTick } = process;

/** As `performance.timeOrigin`, which is a getter with checks. */
export const { timeOrigin } = performance;

/** As `performance.now()`. */
export const now: () => number = performance.now.bind(performance);
