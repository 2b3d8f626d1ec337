// The stack of a call's caller, for the error that the call may end with. To record a stack takes 1 to 6 µs,
// which is more than all the rest of a short call. So a burst shares stacks: the first calls record their
// own, and the others show that of a call of the same function.
import { now as realNow } from "../executor/real-time.js";
import { framesBelowTitle } from "../executor/stack.js";

/** A recorded stack; V8 makes its text at the first read. */
export interface CallerStack {
  readonly stack?: string;
}

/** Stacks that may be recorded at once, and how many more with each millisecond: at most 0.6 % of the thread's time. A guess. */
const MOST = 64;
const PER_MS = 1;

/** Says which calls may record their stack. */
export class StackBudget {
  readonly #now: () => number;
  #left = MOST;
  #filledAt: number;
  #spent = false;

  /** @param now the monotonic clock */
  constructor(now: () => number = realNow) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Takes one stack out of the budget. @returns whether there was one left */
  take(): boolean {
    if (this.#spent) return false;
    if (this.#left < 1) {
      const now = this.#now();
      this.#left = Math.min(MOST, this.#left + (now - this.#filledAt) * PER_MS);
      this.#filledAt = now;
      if (this.#left < 1) return !(this.#spent = true);
    }
    this.#left -= 1;
    return true;
  }

  /** A turn has ended: the clock is asked again at the next call. Within a turn almost no time passes. */
  turned(): void {
    this.#spent = false;
  }
}

const budget = new StackBudget();

/** The stack above a function, or `undefined` where the budget is spent. */
export function recordCaller(above: (...args: never[]) => unknown): CallerStack | undefined {
  if (!budget.take()) return undefined;
  const origin = {};
  Error.captureStackTrace(origin, above);
  return origin;
}

/** The calls of a turn were sent. */
export function turnEnded(): void {
  budget.turned();
}

/** The frames of a recorded stack, without its title line; `undefined` where `Error.stackTraceLimit` allows none. */
export function framesOf(recorded: CallerStack): string | undefined {
  return framesBelowTitle(recorded);
}
