// wait() waits until enough of several awaitables are done; waitFor() waits for one, with a time limit.
import { checkOptions, oneOf, type OptionTable } from "@offloop/workers/executor";
import { InvalidArgumentError, isCancelledError, TimeoutError } from "../errors.js";
import type { Future } from "../future/future.js";
import { warnOfSeconds } from "../future/short-delay.js";
import { checkDelay, delay } from "./delay.js";
import { type Awaitables, ensureFuture, type FuturesOf, givenFutures, type ResultOf } from "./ensure-future.js";
import { timeout } from "./timeout.js";
import { cancelAndWait, untilDone } from "./until-done.js";

/** The condition on which `wait` returns. */
export type ReturnWhen = "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED";
/** `wait` returns when one awaitable is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";
/** `wait` returns when one awaitable rejects, or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";
/** `wait` returns when all awaitables are done. */
export const ALL_COMPLETED = "ALL_COMPLETED";

/** Options of `wait`. */
export interface WaitOptions {
  /** Milliseconds after which `wait` returns in any case. @default Infinity */
  timeoutMs?: number | undefined;
  /** @default "ALL_COMPLETED" */
  returnWhen?: ReturnWhen | undefined;
}

interface ResolvedWaitOptions {
  readonly timeoutMs: number;
  readonly returnWhen: ReturnWhen;
}

const defaultWaitOptions: ResolvedWaitOptions = Object.freeze({ timeoutMs: Infinity, returnWhen: ALL_COMPLETED });
const waitOptionTypes: OptionTable<WaitOptions> = { timeoutMs: delay, returnWhen: oneOf(FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED) };

function resolveWaitOptions(options: WaitOptions | undefined): ResolvedWaitOptions {
  return { ...defaultWaitOptions, ...checkOptions("wait()", options, waitOptionTypes) } as ResolvedWaitOptions;
}

/** The result of `wait`. A future, and a call of an executor, is the object that `wait` was given. */
export interface WaitResult<F> {
  /** Those that are settled: fulfilled, rejected or cancelled. */
  readonly done: Set<F>;
  /** Those that are not settled. `wait` cancels none of them. */
  readonly pending: Set<F>;
}

/**
 * Waits until the first of `awaitables` is done, all are done, or the first has failed, as `returnWhen` says. `wait`
 * cancels no awaitable, and throws no error of one. Read the results from the futures in `done`.
 * @throws InvalidOptionError an option does not fit; InvalidArgumentError there is nothing to wait for
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.wait
 */
export async function wait<A extends Awaitables>(awaitables: A, options?: WaitOptions): Promise<WaitResult<FuturesOf<A>>> {
  const { timeoutMs, returnWhen } = resolveWaitOptions(options);
  const given = givenFutures("wait", awaitables);
  if (given.size === 0) throw new InvalidArgumentError("wait() was given nothing to wait for. Pass at least one future: wait([a, b]).");
  let left = given.size;
  const isEnough = (future: Future<unknown>): boolean => {
    left -= 1;
    return left <= 0 || returnWhen === FIRST_COMPLETED || (returnWhen === FIRST_EXCEPTION && future.rejected());
  };
  warnOfSeconds("wait()", timeoutMs);
  await untilDone([...given.keys()], isEnough, timeoutMs);
  const done = new Set<FuturesOf<A>>();
  const pending = new Set<FuturesOf<A>>();
  for (const [future, object] of given) {
    (future.done() ? done : pending).add(object as FuturesOf<A>);
    if (future.done()) future.givesCancelled(); // its error counts as retrieved
  }
  return { done, pending };
}

/**
 * Awaits `awaitable`, and cancels it after `timeoutMs` milliseconds.
 * @throws TimeoutError `timeoutMs` passed first, and the cancellation ended the awaitable; else what the awaitable throws
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.wait_for
 */
export async function waitFor<A>(awaitable: A, timeoutMs: number | undefined): Promise<ResultOf<A>> {
  checkDelay("waitFor()", "timeoutMs", timeoutMs);
  if (timeoutMs !== undefined && timeoutMs <= 0) return await alreadyLate(ensureFuture(awaitable), timeoutMs);
  return (await timeout(timeoutMs, async () => await (typeof awaitable === "function" ? (awaitable as () => unknown)() : ensureFuture(awaitable)))) as ResultOf<A>;
}

async function alreadyLate<T>(future: Future<T>, timeoutMs: number): Promise<T> {
  if (future.done()) return future.result();
  await cancelAndWait(future);
  try {
    return future.result();
  } catch (error) {
    if (isCancelledError(error)) throw new TimeoutError(timeoutMs, { cause: error });
    throw error;
  }
}
