/// <reference types="node" preserve="true" />
// The hook by which a library tells the watchdog what it runs now: a task, a job, a request. A library
// puts one function under a name of its own into a global map; the watchdog calls it, on the watched
// thread, each time it takes a stack. Neither side imports the other, and either may be loaded first.
//
//   (globalThis[Symbol.for("offloop.running.v1")] ??= new Map()).set("my-queue", () => ({ task: job?.name }));
//
// The version is in the symbol: a later shape that old watchdogs cannot read gets a symbol of its own.

/** The work that a library runs now. */
export interface RunningWork {
  /** The name of the task, job or callback; it becomes `Stall.task`. */
  readonly task?: string | undefined;
  /** The request that it runs for; it becomes `Stall.context` unless the `context` option names one. */
  readonly request?: string | undefined;
}

/**
 * Returns the work that the library runs now; `undefined`: it runs nothing. The watchdog calls the function in the
 * middle of a stall, on the stalled thread, in the async context of the code that runs. So it must be quick, change
 * nothing and start nothing. Errors that it throws are ignored.
 */
export type RunningSource = () => RunningWork | undefined;

/** The global property that holds the sources of this realm. */
export const runningSourcesKey: unique symbol = Symbol.for("offloop.running.v1") as never;

/**
 * The sources of this realm, by name. A library sets its own, under a name that no other library uses.
 * The first source that names a task, in order of insertion, names the task; the same holds for requests.
 */
export function runningSources(): Map<string, RunningSource> {
  const holder = globalThis as { [runningSourcesKey]?: Map<string, RunningSource> };
  return (holder[runningSourcesKey] ??= new Map());
}

/**
 * The global property of a map from the URL of a script to its source map as JSON, for code that was compiled elsewhere and is
 * loaded in this realm. The watchdog asks it where Node knows no map.
 */
export const sourceMapsKey: unique symbol = Symbol.for("offloop.sourceMaps.v1") as never;
