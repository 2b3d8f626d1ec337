// Blocking that is meant: the watchdog takes no account of the time that it lasts.
import { WatchdogOptionError } from "../errors.js";
import { mark, marks } from "../protocol/marks.js";
import { monotonicMs } from "../protocol/monotonic.js";

let depth = 0;
let startedAt = 0;

/**
 * Runs `fn` and has the watchdog, its test guards and its catching of sync calls overlook how long it
 * takes. Only the synchronous part of an async function is covered: the rest does not block.
 *
 * @param why for whoever reads the code, as `// eslint-disable` has a reason; must not be empty
 * @returns what `fn` returns
 * @throws WatchdogOptionError `fn` is no function, or there is no reason
 * @example
 * ```ts
 * const config = allowBlocking(() => readFileSync("config.json", "utf8"), "once, before the server listens");
 * ```
 * @see https://github.com/tokio-rs/console/discussions/528 for the wish
 */
export function allowBlocking<Result>(fn: () => Result, why: string): Result {
  if (typeof fn !== "function") throw new WatchdogOptionError("fn", fn, "a function");
  if (typeof why !== "string" || why.trim() === "") throw new WatchdogOptionError("why", why, "a reason: a text that is not empty");
  const { words, base } = marks;
  if (depth++ === 0) {
    startedAt = monotonicMs();
    Atomics.store(words, mark.allowedSince, Math.max(1, Math.round(startedAt - base)));
  }
  try {
    return fn();
  } finally {
    if (--depth === 0) {
      Atomics.add(words, mark.allowedMs, Math.ceil(monotonicMs() - startedAt));
      Atomics.store(words, mark.allowedSince, 0);
    }
  }
}

/** Whether allowed blocking runs in this moment. */
export function isBlockingAllowed(): boolean {
  return depth > 0;
}
