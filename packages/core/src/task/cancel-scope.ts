// CancelScope: level-triggered cancellation. Task.cancel() throws once, and a `catch` can lose it. A cancelled scope
// throws at every await, until the code has left the scope.
import { checkOption, checkOptions, flag, inspectAs, type OptionTable } from "@offloop/workers/executor";
import { isCancelledError, TimeoutError } from "../errors.js";
import { cancelledError } from "../future/cancelled-error.js";
import { orReject } from "../future/or-reject.js";
import { warnOfSeconds } from "../future/short-delay.js";
import type { TimerHandle } from "../loop/handle.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { isPressed, type Strand, type Wait } from "../loop/strand.js";
import { isAbortBy } from "./abort-error.js";
import { checkBody } from "./check-body.js";
import { delay, loopTime } from "./delay.js";
import { InnerStrand, inTask } from "./inner-strand.js";
import { warnOfLateEnd } from "./late-end.js";

/** Options of `new CancelScope`. */
export interface CancelScopeOptions {
  /** The time on the loop's clock, in milliseconds, at which the scope is cancelled. @default Infinity */
  deadline?: number | undefined;
  /** `true`: the cancellation of an outer scope does not reach the body. For clean-up that must finish. `Task.cancel()` still reaches it. @default false */
  shield?: boolean | undefined;
}

const cancelScopeOptionTypes: OptionTable<CancelScopeOptions> = { deadline: loopTime, shield: flag };

/**
 * A part of a task that can be cancelled by itself, at every await. It is entered once, by `run`.
 * @example
 * const scope = new CancelScope();
 * button.once("click", () => scope.cancel());
 * await scope.run(() => download(url));
 * @see https://anyio.readthedocs.io/en/stable/cancellation.html
 */
export class CancelScope {
  static {
    inspectAs<CancelScope>(this.prototype, (scope) => {
      const state = scope.#left ? "left" : scope.#strand === undefined ? "not entered" : "active";
      return `CancelScope [${[state, ...(scope.#cancelCalled ? ["cancelled"] : []), ...(scope.#shield ? ["shield"] : []), `deadline: ${scope.#deadline === Infinity ? "none" : scope.#deadline}`].join(", ")}]`;
    });
  }

  #deadline: number;
  #shield: boolean;
  #strand: ScopeStrand | undefined;
  #timer: TimerHandle | undefined;
  #cancelCalled = false;
  #cancelledCaught = false;
  #message: unknown;
  #left = false;
  readonly #abort = new AbortController();

  constructor(options?: CancelScopeOptions) {
    const { deadline = Infinity, shield = false } = checkOptions("new CancelScope()", options, cancelScopeOptionTypes);
    this.#deadline = deadline;
    this.#shield = shield;
  }

  /** Whether `cancel` was called, or the deadline has passed. */
  get cancelCalled(): boolean {
    return this.#cancelCalled;
  }

  /** Whether the scope's cancellation ended the body. */
  get cancelledCaught(): boolean {
    return this.#cancelledCaught;
  }

  /** Fires when the scope is cancelled. Pass it to `fetch` and to functions of Node. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The deadline on the loop's clock, in milliseconds; `Infinity`: none. It can be moved while the body runs. @throws InvalidOptionError */
  get deadline(): number {
    return this.#deadline;
  }

  set deadline(when: number) {
    checkOption("CancelScope", "deadline", when, loopTime);
    this.#deadline = when;
    if (this.#strand !== undefined && !this.#left) this.#arm(this.#strand);
  }

  /**
   * Whether cancellation from outside stops at this scope. Taking the shield away lets a cancellation in that has come meanwhile.
   * @throws InvalidOptionError
   */
  get shield(): boolean {
    return this.#shield;
  }

  set shield(shield: boolean) {
    checkOption("CancelScope", "shield", shield, flag);
    this.#shield = shield;
    if (!shield && this.#strand !== undefined && isPressed(this.#strand)) this.#interrupt(this.#strand);
  }

  /** Cancels the scope: each wait within it rejects with `CancelledError`, now and later. */
  cancel(message?: unknown): void {
    if (this.#cancelCalled || this.#left) return;
    this.#cancelCalled = true;
    this.#message = message;
    this.#timer?.cancel();
    if (this.#strand !== undefined) this.#interrupt(this.#strand);
    this.#abort.abort(cancelledError(message));
  }

  /**
   * Runs `body` in the scope. Outside a task, it runs in a new task.
   * @returns what the body returns; `undefined` if the scope's cancellation ended it
   */
  run<T>(body: (scope: CancelScope) => T | PromiseLike<T>): Promise<Awaited<T> | undefined> {
    return orReject(() => {
      checkBody("CancelScope.run()", body, "scope.run(async () => { … })");
      if (this.#strand !== undefined) throw new Error("The cancel scope has been entered already. Make a new one for each run().");
      return inTask("scope", (strand) => this.#enclose(strand, body));
    });
  }

  async #enclose<T>(parent: Strand, body: (scope: CancelScope) => T | PromiseLike<T>): Promise<Awaited<T> | undefined> {
    const strand = (this.#strand = new ScopeStrand(parent, this));
    // An earlier cancellation that has not been delivered will be thrown within the body. It does not belong to the scope.
    const requests = strand.task.cancelling() - (strand.task.owesCancellation(parent) ? 1 : 0);
    this.#arm(strand);
    try {
      return await strand.run(async () => await body(this));
    } catch (error) {
      // The cancellation of an outer scope, or of the task, goes on to the code around this scope.
      const ours = this.#cancelCalled && this.#isCancellation(error) && strand.task.cancelling() <= requests && (this.#shield || !isPressed(parent));
      if (!ours) throw error;
      this.#cancelledCaught = true;
      return undefined;
    } finally {
      this.#left = true;
      this.#timer?.cancel();
      warnOfLateEnd("a CancelScope", strand.task.loop, this.#deadline);
      strand.leave();
    }
  }

  #arm(strand: ScopeStrand): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#cancelCalled || this.#deadline === Infinity) return;
    const { loop } = strand.task;
    if (this.#deadline <= loop.time()) this.cancel();
    else this.#timer = loop.callAt(this.#deadline, () => this.cancel());
  }

  #interrupt(strand: ScopeStrand): void {
    strand.task.interrupt(strand, this.#message, (wait) => isShielded(wait, strand));
  }

  #isCancellation(error: unknown): boolean {
    return isCancelledError(error) || isAbortBy(error, this.signal);
  }
}

class ScopeStrand extends InnerStrand {
  readonly #scope: CancelScope;

  constructor(parent: Strand, scope: CancelScope) {
    super(parent);
    this.#scope = scope;
  }

  get cancelCalled(): boolean {
    return this.#scope.cancelCalled;
  }

  get shield(): boolean {
    return this.#scope.shield;
  }
}

/** Whether a shielded scope stands between a wait and `outer`. */
function isShielded(wait: Wait, outer: Strand): boolean {
  for (let each: Strand | undefined = wait.strand; each !== undefined && each !== outer; each = each.parent) if (each.shield === true) return true;
  return false;
}

/**
 * Runs `body`, and cancels it after `delayMs` milliseconds.
 * @returns what the body returns; `undefined` if `delayMs` passed first
 */
export function moveOnAfter<T>(delayMs: number, body: (scope: CancelScope) => T | PromiseLike<T>): Promise<Awaited<T> | undefined> {
  return orReject(() => {
    checkOption("moveOnAfter()", "delayMs", delayMs, delay);
    warnOfSeconds("moveOnAfter()", delayMs);
    checkBody("moveOnAfter()", body, "moveOnAfter(500, async () => { … })");
    return new CancelScope({ deadline: getRunningLoop().time() + delayMs }).run(body);
  });
}

/** As `moveOnAfter`. @throws TimeoutError `delayMs` passed first */
export async function failAfter<T>(delayMs: number, body: (scope: CancelScope) => T | PromiseLike<T>): Promise<Awaited<T>> {
  checkOption("failAfter()", "delayMs", delayMs, delay);
  warnOfSeconds("failAfter()", delayMs);
  checkBody("failAfter()", body, "failAfter(500, async () => { … })");
  const scope = new CancelScope({ deadline: getRunningLoop().time() + delayMs });
  const result = await scope.run(body);
  if (scope.cancelledCaught) throw new TimeoutError(delayMs);
  return result as Awaited<T>;
}
