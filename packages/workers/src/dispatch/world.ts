// The world of a pool: its clock, and its timers and turns of the event loop, which begin in the root context. Tests pass a world of their own
// (test/dispatch/virtual-world.ts), so that no test of a policy waits for real time.
import { nextTick, now, setImmediate } from "../executor/real-time.js";
import { inRoot } from "../executor/root-context.js";
import { LongTimer } from "../executor/timer.js";
import { spareCores } from "./spare-cores.js";

/** A timer that has not fired. */
export interface Timer {
  /** Without effect after it has fired. */
  stop(): void;
}

/** The clock and the timers of a pool. */
export interface World {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /**
   * Runs `then` after `ms` milliseconds, and never for `Infinity`. The timer does not keep the process alive. Only
   * KeepAlive does.
   */
  after(ms: number, then: () => void): Timer;
  /** Runs `then` after the code that runs now, before timers and I/O: `process.nextTick`. */
  soon(then: () => void): void;
  /** Runs `then` in the next turn of the event loop, in the context of the code that calls it: `setImmediate`. */
  nextTurn(then: () => void): void;
  /** Whether a core is free for spinning. */
  maySpin(): boolean;
}

/** The world of pools outside tests: real time. */
export const realWorld: World = {
  now,
  after: (ms, then) => inRoot(() => new LongTimer(ms, then, false)),
  soon: (then) => inRoot(() => nextTick(then)),
  nextTurn: setImmediate,
  maySpin: () => spareCores.any,
};
