// Who made a call: its stack, for the error that it may end with. To record one costs one to six
// microseconds, more than all the rest of a short call, so a burst shares them: the first calls record
// their own, and the others show that of a call of the same function.

/** What V8 keeps of a stack: text only when it is asked for. */
export interface CallerStack {
  readonly stack?: string;
}

/** Stacks that may be recorded at once, and how many more with each millisecond: at most 1 % of the thread's time. A guess. */
const MOST = 64;
const PER_MS = 2;

/** Says which calls may record their stack. */
export class StackBudget {
  readonly #now: () => number;
  #left = MOST;
  #filledAt: number;

  /** @param now the monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Whether one more is in the budget; it is taken out. */
  take(): boolean {
    if (this.#left < 1) {
      const now = this.#now();
      this.#left = Math.min(MOST, this.#left + (now - this.#filledAt) * PER_MS);
      this.#filledAt = now;
      if (this.#left < 1) return false;
    }
    this.#left -= 1;
    return true;
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

/** The frames of a recorded stack, without its title line; `undefined` where `Error.stackTraceLimit` allows none. */
export function framesOf({ stack = "" }: CallerStack): string | undefined {
  const end = stack.indexOf("\n");
  return end < 0 ? undefined : stack.slice(end + 1);
}
