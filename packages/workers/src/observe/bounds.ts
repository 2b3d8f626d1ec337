// The bounds of histograms, in seconds.

/** A call on an idle thread begins within 10 µs, and calls of minutes are possible: powers of about 3, from 0.1 ms to 5 min. */
export const CALL_SECONDS: readonly number[] = Object.freeze([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]);

/** A watchdog reports a stall from 20 ms on. */
export const STALL_SECONDS: readonly number[] = Object.freeze([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]);
