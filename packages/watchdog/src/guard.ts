// Fails a test in which the loop was held for longer than a budget. vitest.ts, jest.ts and node-test.ts connect it
// to the hooks of their test runner.
import { WatchdogError } from "./errors.js";
import { formatStall } from "./report/console.js";
import type { Stall } from "./protocol/stall.js";
import { startWatchdog } from "./watched/start-watchdog.js";
import type { Watchdog } from "./watched/watchdog.js";

/** Options of the test guards. */
export interface GuardOptions {
  /**
   * A test may hold the loop for this many milliseconds; at least 20.
   * @default 100
   */
  readonly budgetMs?: number | undefined;
}

/** The hooks of a test runner. A rejected promise fails the test, or all tests of the block. */
export interface TestHooks {
  beforeAll(hook: () => void): void;
  beforeEach(hook: () => Promise<void> | undefined): void;
  afterEach(hook: () => Promise<void> | undefined): void;
  afterAll(hook: () => Promise<void> | undefined): void;
}

/** `failOnStall()` of each test runner. */
export function guardTests({ beforeAll, beforeEach, afterEach, afterAll }: TestHooks, options: GuardOptions): void {
  let guard: LoopGuard | undefined;
  beforeAll(() => {
    guard = new LoopGuard(options);
  });
  beforeEach(() => guard?.begin());
  afterEach(() => guard?.end());
  afterAll(() => guard?.stop());
}

/** A test held the event loop longer than its budget. */
export class LoopHeldError extends WatchdogError {
  static override readonly code = "ERR_OFFLOOP_LOOP_HELD";
  declare readonly code: "ERR_OFFLOOP_LOOP_HELD";
  /** The stalls of the test, the longest first. */
  readonly stalls: readonly Stall[];

  constructor(stalls: readonly Stall[], budgetMs: number) {
    const more = stalls.length > 1 ? `\n… and ${stalls.length - 1} more.` : "";
    super(
      `This test held the event loop for longer than ${budgetMs} ms. If this is intended, wrap the call in allowBlocking(fn, why).\n${formatStall(stalls[0]!)}${more}`,
    );
    this.stalls = stalls;
  }

  static {
    this.prototype.name = "LoopHeldError";
  }
}

export class LoopGuard {
  readonly #budgetMs: number;
  readonly #watchdog: Watchdog;
  #stalls: Stall[] = [];

  constructor({ budgetMs = 100 }: GuardOptions = {}) {
    this.#budgetMs = budgetMs;
    this.#watchdog = startWatchdog({
      thresholdMs: budgetMs,
      startupThresholdMs: Infinity,
      report: "silent",
      onStall: (stall) => this.#stalls.push(stall),
    });
  }

  /** To be called before a test. Drops the stalls from before it. */
  async begin(): Promise<void> {
    await this.#watchdog.ready();
    await this.#watchdog.flush();
    this.#stalls = [];
  }

  /**
   * To be called after a test.
   * @throws LoopHeldError the loop was held for longer than the budget
   */
  async end(): Promise<void> {
    await this.#watchdog.flush();
    // A starved stall has a place only if it was past the budget even without its waits for a CPU.
    const held = this.#stalls.filter(({ kind, place }) => kind !== "starved" || place).toSorted((a, b) => b.durationMs - a.durationMs);
    this.#stalls = [];
    if (held.length > 0) throw new LoopHeldError(held, this.#budgetMs);
  }

  stop(): Promise<void> {
    return this.#watchdog.stop();
  }
}
