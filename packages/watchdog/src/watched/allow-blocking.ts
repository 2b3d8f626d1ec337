// allowBlocking(): excludes the time of intended blocking from every stall.
import { wrongOption } from "../errors.js";
import { mark, marks } from "../protocol/marks.js";
import { monotonicMs } from "../protocol/monotonic.js";

let depth = 0;
let startedAt = 0;

/**
 * Runs `fn`. The watchdog, its test guards and the report of sync calls ignore the time that it takes. For an async
 * function, that is the part before its first `await`; later parts are watched as usual.
 *
 * @param why the reason, for readers of the code; must not be empty
 * @returns the result of `fn`
 * @throws WatchdogOptionError `fn` is not a function, or `why` is empty
 * @example
 * ```ts
 * const config = allowBlocking(() => readFileSync("config.json", "utf8"), "once, before the server listens");
 * ```
 * @see https://github.com/tokio-rs/console/discussions/528 where users of tokio ask for this
 */
export function allowBlocking<Result>(fn: () => Result, why: string): Result {
  if (typeof fn !== "function") throw wrongOption("fn", fn, "a function", "allowBlocking()");
  if (typeof why !== "string" || why.trim() === "") throw wrongOption("why", why, "a reason: a string that is not empty", "allowBlocking()");
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

/** Whether the code that runs now is inside `allowBlocking`. */
export function isBlockingAllowed(): boolean {
  return depth > 0;
}
