// The stack of a call's caller, for the error with which the call may end. Recording a stack takes 1 to 6 µs, which
// is more than the rest of a short call. In a burst, the first calls record their own stacks. The other calls show
// the stack of a call of the same function.
import { now as realNow } from "./real-time.js";
import { framesBelowTitle } from "./stack.js";

/** A recorded stack; V8 makes its text at the first read. */
export interface CallerStack {
  /** The frames below a title line. `undefined`: V8 recorded none. */
  readonly stack?: string;
}

/** The number of stacks that may be recorded at once, and the number that each millisecond adds. At most 0.6 % of the thread's time. A guess. */
const MOST = 64;
const PER_MS = 1;

/** Decides which calls may record their stack. */
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

  /** Takes one stack out of the budget. @returns `false`: the budget is spent */
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

  /** A turn has ended: the next call reads the clock again. Within a turn almost no time passes. */
  turned(): void {
    this.#spent = false;
  }
}

const budget = new StackBudget();

/** The stack above a function; `undefined`: the budget is spent. */
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

/** The frames of a recorded stack, without its title line; `undefined`: `Error.stackTraceLimit` allows none. */
export function framesOf(recorded: CallerStack): string | undefined {
  return framesBelowTitle(recorded);
}
