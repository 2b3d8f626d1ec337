/// <reference types="node" preserve="true" />
// `@offloop/watchdog/vitest`: fails a test in which the event loop was held for longer than a budget.
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { guardTests, type GuardOptions } from "./guard.js";

export { allowBlocking } from "./watched/allow-blocking.js";
export { LoopHeldError, type GuardOptions } from "./guard.js";

/**
 * Guards the tests of the file, or of the `describe` block, in which it is called. A test fails with `LoopHeldError`
 * if the loop was held for longer than the budget.
 *
 * If the watching thread cannot start, or ends, each test fails with `WatchdogFailedError`.
 *
 * @throws WatchdogOptionError in a hook of the test runner: the budget is not a number of milliseconds, or is below 20
 * @example
 * ```ts
 * import { failOnStall } from "@offloop/watchdog/vitest";
 * failOnStall({ budgetMs: 50 });
 * ```
 */
export function failOnStall(options: GuardOptions = {}): void {
  guardTests({ beforeAll, beforeEach, afterEach, afterAll }, options);
}
