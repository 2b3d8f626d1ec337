// Options of an actor: type, defaults, and the one check.
import type { SHARE_ENV } from "node:worker_threads";
import { atLeastMs, checkOptions, environment, integer, invalidOption, nameText, oneOf, type OptionTable, requireOptions, spanMs, stringList } from "../executor/check-options.js";

/** Options of an actor. Each is optional. */
export interface ActorOptions {
  /**
   * Where the actor lives. A thread starts faster, shares memory and moves buffers. A process has memory of its own: a
   * crash of native code ends only the actor, and all values are copied.
   * @default "thread"
   */
  kind?: "thread" | "process" | undefined;
  /**
   * What the next call does when the worker has died. `never`: it rejects. `on-crash`: it starts a new worker, with the
   * same module or constructor arguments, and without the state. The calls in flight reject in both cases.
   * @default "never"
   */
  restart?: "never" | "on-crash" | undefined;
  /** The name of the actor in errors. @default the name of the class or module */
  name?: string | undefined;
  /**
   * Milliseconds for which the end of the actor waits for the calls in flight, and then for the object's
   * `Symbol.asyncDispose` or `Symbol.dispose`. After that the worker is ended, also if a call still runs.
   * @default 5000: longer than most methods, shorter than the grace period of a server's shutdown; a guess; 0 and up, or Infinity
   */
  closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that the actor may take to start: its worker, its module and its constructor. After that the worker is
   * ended, and the start rejects with `WorkerStartError`. Time in which this program is blocked or suspended does not count.
   * @default 90000, as service managers have it; a guess; 1 and up, or Infinity
   */
  startTimeoutMs?: number | undefined;
  /** Environment variables of its worker. With `SHARE_ENV` of `node:worker_threads`, a thread shares the variables of this process. @default a copy of the variables of this process */
  env?: Readonly<Record<string, string | undefined>> | typeof SHARE_ENV | undefined;
  /** Node options of its worker, such as `["--import", "tsx"]`. @default the options of this process */
  execArgv?: readonly string[] | undefined;
  /**
   * Heap limit of the worker, in bytes (of the old generation). Reaching it is a crash, on a thread with `OutOfMemoryError`.
   * @default Node's own limit; 4 MiB and up
   */
  maxHeapBytes?: number | undefined;
}

/** Actor options with every default filled in. The default of `name` is known later. */
export interface ResolvedActorOptions {
  readonly kind: "thread" | "process";
  readonly restart: "never" | "on-crash";
  readonly name: string | undefined;
  readonly closeTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>> | typeof SHARE_ENV | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly maxHeapBytes: number | undefined;
}

const actorOptionTypes: OptionTable<ActorOptions> = {
  kind: oneOf("thread", "process"),
  restart: oneOf("never", "on-crash"),
  name: nameText,
  closeTimeoutMs: spanMs,
  startTimeoutMs: atLeastMs(1),
  env: environment,
  execArgv: stringList,
  maxHeapBytes: integer(4 * 2 ** 20),
};

/** The defaults of an actor. */
export const defaultActorOptions: ResolvedActorOptions = Object.freeze({
  kind: "thread",
  restart: "never",
  name: undefined,
  closeTimeoutMs: 5_000,
  startTimeoutMs: 90_000,
  env: undefined,
  execArgv: undefined,
  maxHeapBytes: undefined,
});

/**
 * Checks actor options and lays them over `base`.
 * @throws InvalidOptionError names the first option that does not fit, and any that is unknown
 */
export function resolveActorOptions(options: ActorOptions, base: ResolvedActorOptions): ResolvedActorOptions {
  const of = "spawnActor.with()";
  const resolved = { ...base, ...checkOptions(of, requireOptions(of, options), actorOptionTypes) } as ResolvedActorOptions;
  if (resolved.kind === "process" && typeof resolved.env === "symbol") throw invalidOption(of, "env", resolved.env, "an object of strings: a process shares no environment");
  return resolved;
}
