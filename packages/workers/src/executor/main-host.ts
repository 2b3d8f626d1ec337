// The host of a thread that makes calls: it runs the functions that workers request, and lets tasks await calls. A
// plain host here, or the loop if there is one.
import { setImmediate } from "./real-time.js";

/** A call, as a host follows it. */
export interface Followed<T> extends Promise<T> {
  /** The current state of the call. */
  readonly state: "pending" | "fulfilled" | "rejected" | "cancelled";
  /** Cancels the call. @returns whether it was pending */
  cancel(reason?: unknown): boolean;
}

/** What executors ask of the thread that makes the calls. */
export interface MainHost {
  /** Runs the function. @returns its outcome, and a way to cancel it */
  run(name: string, fn: () => unknown): { readonly outcome: PromiseLike<unknown>; cancel(reason: unknown): void };
  /** Runs the function soon, after earlier requests. The host reports an error that it throws. */
  schedule(fn: () => unknown): void;
  /** Runs a callback now, in no task. */
  outsideTasks<R>(fn: () => R): R;
  /** Whether the code that runs now belongs to a task. */
  inTask(): boolean;
  /** The promise that the running task awaits in place of a call, so that cancelling the task cancels the call; `undefined`: no task runs. */
  follow<T>(call: Followed<T>): Promise<T> | undefined;
}

// A property of globalThis under a registered symbol, so a bundled copy of this module uses the same one.
const hostKey = Symbol.for("offloop.mainHost");
const holder = globalThis as { [hostKey]?: MainHost };

/** The host without a loop: functions run at once, and cannot be cancelled. */
const plainHost: MainHost = {
  run: (_name, fn) => ({ outcome: new Promise((resolve) => resolve(fn())), cancel: () => {} }),
  schedule: (fn) => void setImmediate(fn),
  outsideTasks: (fn) => fn(),
  inTask: () => false,
  follow: () => undefined,
};

/** For loops: sets the host. `undefined`: the plain host. */
export function setMainHost(host: MainHost | undefined): void {
  if (host === undefined) delete holder[hostKey];
  else holder[hostKey] = host;
}

/** For executors: the host of this thread. */
export function mainHost(): MainHost {
  return holder[hostKey] ?? plainHost;
}
