// The functions of time, as they were when this package was loaded. This module is among the first; pools are
// loaded with the first call. A test runner that fakes timers between the two, or later (vitest, sinon,
// node:test), stops neither the pools nor the loop of the program that it tests.
export const { clearInterval, clearTimeout, queueMicrotask, setImmediate, setInterval, setTimeout } = globalThis;
export const { nextTick } = process;

/** As `performance.timeOrigin`, which is a getter with checks. */
export const { timeOrigin } = performance;

/** As `performance.now()`. */
export const now: () => number = performance.now.bind(performance);
