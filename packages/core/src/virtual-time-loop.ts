// VirtualTimeLoop: the loop for tests. Time passes only when no other work is left, and then at once.
import { checkOptions, finiteNumber, flag, type OptionTable } from "@offloop/workers/executor";
import { EventLoop } from "./event-loop.js";
import { VirtualClock } from "./loop/virtual-clock.js";

/** Options of `new VirtualTimeLoop`. */
export interface VirtualTimeLoopOptions {
  /** The first value of `time()`, in milliseconds. @default 0 */
  startMs?: number | undefined;
  /** Shuffles callbacks that are ready together, in an order that depends only on the seed. @default first in, first out */
  seed?: number | undefined;
  /** Whether the loop is in debug mode: as `EventLoop.debug`. @default `OFFLOOP_DEBUG=1` in the environment */
  debug?: boolean | undefined;
}

const virtualTimeLoopOptionTypes: OptionTable<VirtualTimeLoopOptions> = { startMs: { takes: "milliseconds: a finite number", accepts: finiteNumber.accepts }, seed: finiteNumber, debug: flag };

/**
 * A loop whose `sleep(3_600_000)` returns at once, in the right order. Time stands still while a call runs on
 * a thread. The loop cannot detect other I/O, such as a request on a socket.
 * @example
 * await run(main, { loopFactory: () => new VirtualTimeLoop() });
 * @see https://trio.readthedocs.io/en/stable/reference-testing.html#trio.testing.MockClock
 */
export class VirtualTimeLoop extends EventLoop {
  constructor(options?: VirtualTimeLoopOptions) {
    const { startMs = 0, seed, debug } = checkOptions("new VirtualTimeLoop()", options, virtualTimeLoopOptionTypes);
    super({ clock: new VirtualClock(startMs), random: seed === undefined ? undefined : mulberry32(seed), ...(debug === undefined ? {} : { debug }) });
  }
}

/** A small random number generator: the same numbers for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
