// What the main side knows of one function: its id on the lanes, how it travels, how long it runs.
import type { FunctionPayload } from "../protocol/function-payload.js";
import type { CallerStack } from "./caller-stack.js";

/** Weight of a run that was longer than the mean: one slow call halves the envelopes at once. A guess. */
const RISE = 0.5;
/** Weight of a run that was shorter: envelopes grow again over some 20 calls. A guess. */
const FALL = 0.1;

let lastId = 0;

/** One function as calls see it. */
export class FunctionProfile {
  readonly id = ++lastId;
  readonly name: string;
  readonly payload: FunctionPayload;
  /** The stack of the last call of it that recorded one. */
  caller: CallerStack | undefined;
  // Whole microseconds: V8 keeps small integers without an object for each.
  /** How long a call is expected to run, in microseconds; 0 before the first has ended. */
  expectedMicros = 0;
  /** How long the call took that ended last, in microseconds; 0 before. */
  lastMicros = 0;
  #meanMs = NaN;

  constructor(name: string, payload: FunctionPayload) {
    this.name = name;
    this.payload = payload;
  }

  /** The expected run time of a call for `items` items, in microseconds; 0 before the first call has ended. */
  chunkMicros(items: number): number {
    return this.expectedMicros === 0 ? 0 : Math.ceil(this.#meanMs * items * 1_000);
  }

  /** Takes a measured run into the weighted mean. */
  ran(ms: number): void {
    const mean = this.#meanMs;
    this.#meanMs = this.expectedMicros === 0 ? ms : mean + (ms - mean) * (ms > mean ? RISE : FALL);
    this.expectedMicros = atLeastOne(this.#meanMs);
    this.lastMicros = atLeastOne(ms);
  }
}

/** In microseconds: a call costs something, however short it is. */
function atLeastOne(ms: number): number {
  return Math.max(1, Math.ceil(ms * 1_000));
}
