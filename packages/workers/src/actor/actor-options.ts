// Options of an actor: type, defaults, and the one check.
import { InvalidOptionError } from "../executor/errors.js";

/** Options of an actor. Each is optional. */
export interface ActorOptions {
  /**
   * Where the actor lives. A thread starts faster, shares memory and moves buffers. A process survives a
   * crash of native code, and copies everything.
   * @default "thread"
   */
  kind?: "thread" | "process" | undefined;
  /**
   * What follows when the worker dies. The calls in flight reject in either case. With `on-crash`, the next
   * call starts a new worker, with the same module or constructor arguments and without the state.
   * @default "never"
   */
  restart?: "never" | "on-crash" | undefined;
  /** The name of the actor in errors. @default the name of the class or module */
  name?: string | undefined;
  /**
   * How many milliseconds the end of the actor waits for the calls in flight, and then for the object's
   * `Symbol.asyncDispose` or `Symbol.dispose`. What still runs then is ended with the worker.
   * @default 5000: longer than most methods, shorter than the grace period of a server's shutdown; a guess; 0 and up, or Infinity
   */
  closeTimeoutMs?: number | undefined;
  /** Environment variables of its worker. @default those of this process */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node options of its worker, such as `["--import", "tsx"]`. @default those of this process */
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
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly maxHeapBytes: number | undefined;
}

const known: readonly (keyof ActorOptions)[] = ["kind", "restart", "name", "closeTimeoutMs", "env", "execArgv", "maxHeapBytes"];

/** The smallest heap with which a worker starts. */
const LEAST_HEAP_BYTES = 4 * 2 ** 20;

/**
 * Checks actor options and fills in the defaults.
 * @throws InvalidOptionError names the first option that does not fit, and any that is unknown
 */
export function resolveActorOptions(options: ActorOptions = {}): ResolvedActorOptions {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("actor options", options, "an object");
  for (const [key, value] of Object.entries(options)) {
    if (!(known as readonly string[]).includes(key)) throw new InvalidOptionError(key, value, `no value: there is no such actor option (there are ${known.join(", ")})`);
  }
  const { kind = "thread", restart = "never", name, closeTimeoutMs = 5_000, env, execArgv, maxHeapBytes } = options;
  if (kind !== "thread" && kind !== "process") throw new InvalidOptionError("kind", kind, '"thread" or "process"');
  if (restart !== "never" && restart !== "on-crash") throw new InvalidOptionError("restart", restart, '"never" or "on-crash"');
  if (name !== undefined && (typeof name !== "string" || name === "")) throw new InvalidOptionError("name", name, "a string that is not empty");
  if (!(typeof closeTimeoutMs === "number" && closeTimeoutMs >= 0)) {
    throw new InvalidOptionError("closeTimeoutMs", closeTimeoutMs, "milliseconds: a number of 0 or more, or Infinity");
  }
  if (env !== undefined && (typeof env !== "object" || env === null)) throw new InvalidOptionError("env", env, "an object of strings");
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((each) => typeof each === "string"))) {
    throw new InvalidOptionError("execArgv", execArgv, "an array of strings");
  }
  if (maxHeapBytes !== undefined && !(Number.isSafeInteger(maxHeapBytes) && maxHeapBytes >= LEAST_HEAP_BYTES)) {
    throw new InvalidOptionError("maxHeapBytes", maxHeapBytes, `an integer from ${LEAST_HEAP_BYTES}`);
  }
  return { kind, restart, name, closeTimeoutMs, env, execArgv, maxHeapBytes };
}
