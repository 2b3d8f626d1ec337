// What a stall is, as users see it: in callbacks, on the channels, in JSON lines and in reports.
// Types only; made by the watching thread, never changed afterwards.

/** Where something is in the sources as their author wrote them (source maps applied). */
export interface Place {
  /** Absolute path, or a `node:` specifier. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The function's own name, with its class where it has one (`Cart.total`); `""` at a module's top level or in an unnamed function. */
  readonly function: string;
}

/** One frame of a stack, the innermost first. */
export interface StackFrame extends Place {
  /** `user`: the program's own file. `dependency`: below a `node_modules`, or offloop itself. `node`: Node's internals. */
  readonly origin: "user" | "dependency" | "node";
  /** The frame is an `await` that waits for the ones above it. */
  readonly async: boolean;
}

/**
 * What held the loop. `script`: JavaScript that ran on. `native`: one call into native code.
 * `microtasks`: promises or `process.nextTick` that kept queueing more of themselves. `callbacks`:
 * many short callbacks in one turn. `collection`: garbage collection. `starved`: the process did not
 * get the CPU.
 */
export type StallKind = "script" | "native" | "microtasks" | "callbacks" | "collection" | "starved";

/** The function in which most samples ended, where it is not the place itself. */
export interface HotFrame extends Place {
  /** Its share of the stall's samples, from 0 to 1. */
  readonly share: number;
}

/** A function's part in the samples of a stall. */
export interface ProfileEntry extends Place {
  /** Samples that ended in it. */
  readonly self: number;
  /** Samples that had it anywhere. */
  readonly total: number;
}

/** A stretch in which the event loop did not turn for `thresholdMs` or longer. */
export interface Stall {
  /** Counts the stalls of one watchdog, from 1. */
  readonly id: number;
  /** Milliseconds since the epoch, to within a tick of the heartbeat. */
  readonly startedAt: number;
  /** To within a tick of the heartbeat; in a begin event, how long it had lasted by then. */
  readonly durationMs: number;
  readonly kind: StallKind;
  /** `startup` while the program's modules are being evaluated. */
  readonly phase: "startup" | "running";
  /**
   * The deepest frame of the program's own code that is common to the samples (of a dependency's,
   * where there is no own one): what to offload, or to change. `undefined` where no stack could be had.
   */
  readonly place: Place | undefined;
  /** The answer came late, out of a native call: the culprit is at `place` or shortly before it. */
  readonly approximate: boolean;
  /** What it was busy with below `place`: the hot helper, be it a dependency's. */
  readonly hot: HotFrame | undefined;
  /** The blocking call that it was, with its first argument: `fs.readFileSync("/etc/hosts")`. */
  readonly call: string | undefined;
  /** The task, or the handle, of offloop's loop that was running. */
  readonly task: string | undefined;
  /** The HTTP request that was running, or what the `context` option named. */
  readonly context: string | undefined;
  /** The sample that stands for the others, the innermost frame first. */
  readonly stack: readonly StackFrame[];
  /** The lines around `place`, with a mark. */
  readonly codeFrame: string | undefined;
  /** How many stacks were taken while it lasted. */
  readonly samples: number;
  /** The functions that were seen most often, by `self`, then `total`. */
  readonly profile: readonly ProfileEntry[];
  /** Stalls at this place so far, this one included. */
  readonly count: number;
  /** Milliseconds of all stalls at this place so far, this one included. */
  readonly totalMs: number;
  /** What to do about it, in one sentence. */
  readonly fix: string;
}

/** A blocking function that was called while the loop ran. */
export interface SyncCall {
  /** As it is written: `fs.readFileSync`. */
  readonly name: string;
  /** Its first argument, where that was a text; cut to 160 bytes. */
  readonly argument: string | undefined;
  readonly durationMs: number;
  readonly place: Place | undefined;
  readonly stack: readonly StackFrame[];
  readonly codeFrame: string | undefined;
  readonly task: string | undefined;
  /** What to call in its place. */
  readonly instead: string;
  /** Calls of it at this place so far, this one included. */
  readonly count: number;
}
