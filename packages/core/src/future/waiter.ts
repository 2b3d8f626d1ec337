// Who awaits: the task in whose context this code runs. future/ knows tasks only as waiters.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Future } from "./future.js";

/** Somebody who can be told what it waits for. */
export interface Waiter {
  waitFor(future: Future<unknown>): void;
}

const waiters = new AsyncLocalStorage<Waiter>();

/** The task that runs now, or in whose context this callback runs. */
export function currentWaiter(): Waiter | undefined {
  return waiters.getStore();
}

/** Runs `fn` as `waiter`, with all that it awaits. */
export function runAsWaiter<T>(waiter: Waiter | undefined, fn: () => T): T {
  return waiters.run(waiter as Waiter, fn);
}
