// Barrier: tasks wait until so many have come, and go on together.
//
//             the last has come             the last has left
//   filling ────────────────────▶ draining ──────────────────▶ filling      who comes while it drains waits
//   filling, draining ──reset()──▶ resetting ──the last has left──▶ filling who waits gets BrokenBarrierError
//   any ──abort()──▶ broken ──reset()──▶ resetting or filling               who comes, too
import { InvalidOptionError } from "../errors.js";
import { Condition } from "./condition.js";
import { Described } from "./describe.js";
import { BrokenBarrierError } from "./errors.js";

type State = "filling" | "draining" | "resetting" | "broken";

/**
 * A point where `parties` tasks wait for each other. It may be used again and again.
 *
 * A task that is cancelled while it waits leaves, and another one is needed in its place.
 * @example
 * const barrier = new Barrier(3);
 * await gather(hosts.map(async (host) => { await connect(host); await barrier.wait(); await start(host); }));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier
 */
export class Barrier extends Described {
  /** How many tasks it takes. */
  readonly parties: number;
  readonly #changed = new Condition();
  #state: State = "filling";
  #count = 0;

  /**
   * @param parties a whole number of 1 or more
   * @throws InvalidOptionError it is none
   */
  constructor(parties: number) {
    super();
    if (!Number.isInteger(parties) || parties < 1) throw new InvalidOptionError("parties", parties, "a whole number of 1 or more");
    this.parties = parties;
  }

  /** How many wait for the rest to come. */
  get nWaiting(): number {
    return this.#state === "filling" ? this.#count : 0;
  }

  /** Whether it was aborted, and not reset since. */
  get broken(): boolean {
    return this.#state === "broken";
  }

  /**
   * Resolves when `parties` tasks wait.
   * @returns a number from 0 to `parties - 1`, different for each: one of them may do what is to be done once
   * @throws BrokenBarrierError it was reset or aborted meanwhile, or is broken; CancelledError the task was cancelled
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.wait
   */
  async wait(): Promise<number> {
    using _held = await this.#changed.acquire();
    await this.#changed.waitFor(() => this.#state !== "draining" && this.#state !== "resetting");
    if (this.#state === "broken") throw new BrokenBarrierError("The barrier is broken: it was aborted. reset() mends it.");
    const index = this.#count;
    this.#count += 1;
    try {
      if (this.#count === this.parties) this.#become("draining");
      else await this.#othersCame();
      return index;
    } finally {
      this.#count -= 1;
      this.#left();
    }
  }

  /**
   * Empties it, and mends it where it is broken. Those who wait get `BrokenBarrierError`.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.reset
   */
  async reset(): Promise<void> {
    using _held = await this.#changed.acquire();
    this.#become(this.#count > 0 ? "resetting" : "filling");
  }

  /**
   * Breaks it: those who wait, and all who come, get `BrokenBarrierError`.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier.abort
   */
  async abort(): Promise<void> {
    using _held = await this.#changed.acquire();
    this.#become("broken");
  }

  async #othersCame(): Promise<void> {
    await this.#changed.waitFor(() => this.#state !== "filling");
    if (this.#state === "broken" || this.#state === "resetting") throw new BrokenBarrierError(`The barrier was ${this.#state === "broken" ? "aborted" : "reset"} while the task waited at it`);
  }

  #become(state: State): void {
    this.#state = state;
    this.#changed.notifyAll();
  }

  /** One has left; the last lets those in who wait for the barrier to be empty. */
  #left(): void {
    if (this.#count > 0) return;
    if (this.#state === "resetting" || this.#state === "draining") this.#state = "filling";
    this.#changed.notifyAll();
  }

  protected override describe(): string[] {
    return [this.#state, ...(this.broken ? [] : [`waiters: ${this.nWaiting}/${this.parties}`])];
  }
}
