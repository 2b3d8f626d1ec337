// The profile of one function on the main side: its id on the lanes, its payload, and its expected run time.
import type { FunctionPayload } from "../protocol/function-payload.js";
import type { CallerStack } from "../executor/caller-stack.js";

/** The weight of a run that was longer than the mean. One slow call makes the envelopes smaller at once. A guess. */
const RISE = 0.5;
/** The weight of a run that was shorter. The envelopes grow again over about 20 calls. A guess. */
const FALL = 0.1;

let lastId = 0;

/** The profile that all calls of one function share. */
export class FunctionProfile {
  /** The number of the function, by which messages name it. */
  readonly id = ++lastId;
  /** The name of the function in errors and events. */
  readonly name: string;
  /** How workers find or make the function. */
  readonly payload: FunctionPayload;
  /** The stack of the latest call that recorded its stack, while calls of the function are pending: a stack keeps the objects of its frames alive. */
  caller: CallerStack | undefined;
  #pending = 0;
  // Whole microseconds, because V8 stores small integers without an object for each.
  /** The expected run time of a call, in microseconds; 0 before the first call has ended. */
  expectedMicros = 0;
  /** The run time of the call that ended last, in microseconds; 0 before the first call has ended. */
  lastMicros = 0;
  #meanMs = NaN;
  /** Whether a call of the function was found to be blocked, when one was last looked at. */
  blocks = false;

  constructor(name: string, payload: FunctionPayload) {
    this.name = name;
    this.payload = payload;
  }

  /** The expected run time of a call for `items` items, in microseconds; 0 before the first call has ended. */
  chunkMicros(items: number): number {
    return this.expectedMicros === 0 ? 0 : Math.ceil(this.#meanMs * items * 1_000);
  }

  /** A call of the function enters the queue. */
  began(caller: CallerStack | undefined): void {
    this.#pending += 1;
    if (caller !== undefined) this.caller = caller;
  }

  /** A call of the function is done. */
  ended(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.caller = undefined;
  }

  /** Adds a measured run to the weighted mean. */
  ran(ms: number): void {
    const mean = this.#meanMs;
    this.#meanMs = this.expectedMicros === 0 ? ms : mean + (ms - mean) * (ms > mean ? RISE : FALL);
    this.expectedMicros = atLeastOne(this.#meanMs);
    this.lastMicros = atLeastOne(ms);
  }
}

/** Milliseconds as whole microseconds, at least 1. */
function atLeastOne(ms: number): number {
  return Math.max(1, Math.ceil(ms * 1_000));
}
