// What the main side knows of one function: its id on the lanes, how it travels, how long it runs.
import type { Callable } from "../executor/executor.js";
import type { FunctionPayload } from "../protocol/function-payload.js";
import type { CallerStack } from "./caller-stack.js";

/** Weight of a longer run: one slow call shrinks the envelopes at once. */
const RISE = 0.5;
/** Weight of a shorter run: trust comes back slowly. */
const FALL = 0.1;

let lastId = 0;

/** One function as calls see it. */
export class FunctionEntry {
  readonly id = ++lastId;
  readonly name: string;
  readonly payload: FunctionPayload;
  /** Who made the last call of it that recorded its stack. */
  caller: CallerStack | undefined;
  /** How long the call took that ended last, in milliseconds. */
  lastMs: number | undefined;
  #meanMs: number | undefined;

  constructor(name: string, payload: FunctionPayload) {
    this.name = name;
    this.payload = payload;
  }

  /** How long a call is expected to run, in milliseconds; `undefined` before the first has ended. */
  get expectedMs(): number | undefined {
    return this.#meanMs;
  }

  /** Takes a measured run into the weighted mean. */
  ran(ms: number): void {
    this.lastMs = ms;
    const mean = this.#meanMs;
    this.#meanMs = mean === undefined ? ms : mean + (ms - mean) * (ms > mean ? RISE : FALL);
  }
}

/** What a function is called where its call has no name of its own. */
export function nameOf(callee: Callable<never[], unknown>): string {
  if (typeof callee === "function") return callee.name || "(anonymous)";
  return typeof callee?.export === "string" ? callee.export : String(callee);
}
