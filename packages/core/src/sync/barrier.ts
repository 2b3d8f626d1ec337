// Barrier: tasks wait until a given number of them have arrived, and then continue together.
//
//            the last task arrives         the last task leaves
//   filling ──────────────────────▶ draining ──────────────────▶ filling     a task that arrives during draining waits
//   filling, draining ──reset()──▶ resetting ──the last task leaves──▶ filling    its waiters get BrokenBarrierError
//   any ──abort()──▶ broken ──reset()──▶ resetting or filling                its waiters, and later tasks, get BrokenBarrierError
import { checkOption, integer } from "@offloop/workers/executor";
import type { CancelledError } from "../errors.js";
import type { Future } from "../future/future.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import { Condition, partsOf } from "./condition.js";
import { ConditionWaiter } from "./condition-waiter.js";
import { Described } from "./describe.js";
import { BrokenBarrierError } from "./errors.js";
import { turnOf } from "./lock.js";
import { notYet } from "./turn.js";
import type { Abortable } from "./waiter.js";

/** The state that a barrier and its waiters share. It changes only under the lock of `changed`. */
class Party {
  readonly parties: number;
  readonly changed = new Condition();
  state: "filling" | "draining" | "resetting" | "broken" = "filling";
  count = 0;

  constructor(parties: number) {
    this.parties = parties;
  }

  become(state: Party["state"]): void {
    this.state = state;
    this.changed.notifyAll();
  }

  /** A task has left. The last one lets in the tasks that wait for the barrier to be empty. */
  leave(): void {
    this.count -= 1;
    if (this.count > 0) return;
    this.become(this.state === "resetting" || this.state === "draining" ? "filling" : this.state);
  }
}

/**
 * A point where `parties` tasks wait for each other. It can be used again after each round.
 *
 * A task that is cancelled while it waits leaves the barrier. Another task must arrive in its place.
 * @example
 * const barrier = new Barrier(3);
 * await gather(hosts.map(async (host) => { await connect(host); await barrier.wait(); await start(host); }));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier
 */
export class Barrier extends Described {
  readonly #party: Party;

  /**
   * @param parties a whole number of 1 or more
   * @throws InvalidOptionError `parties` is something else
   */
  constructor(parties: number) {
    super();
    checkOption("new Barrier()", "parties", parties, integer(1));
    this.#party = new Party(parties);
  }

  /** The number of tasks that the barrier waits for. */
  get parties(): number {
    return this.#party.parties;
  }

  /** The number of tasks that wait for the others. */
  get nWaiting(): number {
    return this.#party.state === "filling" ? this.#party.count : 0;
  }

  /** Whether the barrier was aborted, and not reset since. */
  get broken(): boolean {
    return this.#party.state === "broken";
  }

  /**
   * Resolves when `parties` tasks wait.
   * @returns the number of tasks that waited when this task arrived, from 0 to `parties - 1`. Each task gets a different
   *   number. After a cancelled wait, two tasks may get the same number, as in asyncio. So do not choose a task by its
   *   number if waits may be cancelled.
   * @throws BrokenBarrierError the barrier was reset or aborted meanwhile, or is broken; CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.wait
   */
  wait(options?: Abortable): Future<number> {
    return new BarrierWaiter(this.#party).start(isBudgetSpent(), options, "Barrier.wait()");
  }

  /**
   * Empties the barrier, and repairs a broken one. Its waiters get `BrokenBarrierError`.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.reset
   */
  async reset(): Promise<void> {
    using _held = await this.#party.changed.acquire();
    this.#party.become(this.#party.count > 0 ? "resetting" : "filling");
  }

  /**
   * Breaks the barrier: its waiters, and all tasks that arrive later, get `BrokenBarrierError`.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.abort
   */
  async abort(): Promise<void> {
    using _held = await this.#party.changed.acquire();
    this.#party.become("broken");
  }

  protected override describe(): string[] {
    return [this.#party.state, ...(this.broken ? [] : [`waiters: ${this.nWaiting}/${this.parties}`])];
  }
}

/** Acquires the lock ─▶ waits until the barrier fills ─▶ waits for the others ─▶ leaves, and releases the lock. */
class BarrierWaiter extends ConditionWaiter<number> {
  readonly #party: Party;
  #entered = false;
  #index: number | undefined;

  override get what(): string {
    return "Barrier.wait()";
  }

  constructor(party: Party) {
    super(partsOf(party.changed));
    this.#party = party;
  }

  protected override begin(): void {
    const turn = turnOf(this.condition.lock);
    if (turn.take(false) === notYet) this.stand(turn.line);
    else this.#enter();
  }

  protected override goOn(woken: boolean, error: CancelledError | undefined): void {
    if (this.#entered) return super.goOn(woken, error);
    const turn = turnOf(this.condition.lock);
    if (error === undefined) {
      turn.take(true);
      return this.#enter();
    }
    turn.passOn(woken);
    this.endCancelled(error);
  }

  protected override resumed(): void {
    if (this.#index === undefined) this.#arrive();
    else this.#othersCame(this.#index);
  }

  protected override interrupted(error: CancelledError): void {
    this.#leave();
    super.interrupted(error);
  }

  #enter(): void {
    this.#entered = true;
    this.#arrive();
  }

  #arrive(): void {
    const party = this.#party;
    if (party.state === "draining" || party.state === "resetting") return this.sleep();
    if (party.state === "broken") return this.#fail("The barrier is broken, because it was aborted. Call reset() before the next wait().");
    this.#index = party.count;
    party.count += 1;
    if (party.count === party.parties) party.become("draining");
    this.#othersCame(this.#index);
  }

  #othersCame(index: number): void {
    const { state } = this.#party;
    if (state === "filling") return this.sleep();
    if (state !== "draining") return this.#fail(state === "broken" ? "The barrier was aborted while the task waited at it. Call reset() once all tasks have left it." : "The barrier was reset while the task waited at it. Call wait() again for the next round.");
    this.#leave();
    this.fulfil(index);
  }

  #fail(message: string): void {
    this.#leave();
    this.fail(new BrokenBarrierError(message));
  }

  #leave(): void {
    if (this.#index !== undefined) this.#party.leave();
    this.condition.lock.release();
  }
}
