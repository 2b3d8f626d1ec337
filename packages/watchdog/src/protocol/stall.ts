// The types of a stall and of a sync call, as users see them: in callbacks, on the channels and in JSON lines.
// The watching thread creates the objects. Nothing changes them afterwards.

/** A position in the sources as their author wrote them, with source maps applied. */
export interface Place {
  /** An absolute path, or a `node:` specifier. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The name of the function, for a method with its class: `Cart.total`. `""` at the top level of a module and in an unnamed function. */
  readonly function: string;
}

/** One frame of a stack. */
export interface StackFrame extends Place {
  /** `user`: a file of the program. `dependency`: a file below `node_modules`, or of offloop. `node`: a file of Node. */
  readonly origin: "user" | "dependency" | "node";
  /** Whether the frame is an `await` that waits for the frames above it. */
  readonly async: boolean;
}

/**
 * The cause of a stall.
 * - `script`: JavaScript that did not return.
 * - `native`: native code: one call, or blocking calls of one function that took most of the stall.
 * - `loading`: modules that were loaded while the loop ran, by a late `require` or `import()`.
 * - `microtasks`: promises or `process.nextTick` callbacks that kept queueing more of them.
 * - `callbacks`: many short callbacks in one turn of the loop.
 * - `collection`: garbage collection.
 * - `starved`: the process was given no CPU.
 */
export type StallKind = "script" | "native" | "loading" | "microtasks" | "callbacks" | "collection" | "starved";

/** The function in which most samples ended. */
export interface HotFrame extends Place {
  /** The share of the samples that ended in it, from 0 to 1. */
  readonly share: number;
}

/** How often a function occurs in the samples of a stall. */
export interface ProfileEntry extends Place {
  /** The number of samples that ended in it. */
  readonly self: number;
  /** The number of samples that contain it. */
  readonly total: number;
}

/** A stretch of `thresholdMs` or longer in which the event loop did not turn. */
export interface Stall {
  /** The number of the stall, counted from 1 for each watchdog. */
  readonly id: number;
  /** Milliseconds since the epoch, accurate to a tick of the heartbeat: a quarter of the threshold, from 5 to 50 ms. */
  readonly startedAt: number;
  /** Accurate to a tick of the heartbeat. In a begin event, the duration so far. */
  readonly durationMs: number;
  /** What held the loop: a script, the loading of modules, or a cause outside the program's code. */
  readonly kind: StallKind;
  /** `startup` while the program evaluates its modules. */
  readonly phase: "startup" | "running";
  /**
   * The function to offload or to change: for `loading`, the one that began it; else the deepest frame of the program that the samples have in common, one that
   * runs before one that awaits. If they have none, a frame of a dependency. `undefined`: no stack could be taken.
   */
  readonly place: Place | undefined;
  /** Whether the stack was taken only when a native call returned. The cause is then at `place`, or shortly before it. */
  readonly approximate: boolean;
  /** The function below `place` in which most samples ended, possibly of a dependency. `undefined`: it is `place` itself. */
  readonly hot: HotFrame | undefined;
  /** The blocking call that held the loop, with its first argument if that is a path: `fs.readFileSync("/etc/hosts")`. `fs.statSync(…)` if the calls were many. */
  readonly call: string | undefined;
  /** The task or callback that ran, as named by offloop's loop or another library through the hook. */
  readonly task: string | undefined;
  /** The name from the `context` option, else the request that ran. */
  readonly context: string | undefined;
  /** The most typical sample, the innermost frame first. */
  readonly stack: readonly StackFrame[];
  /** The source lines around `place`, with a mark at its line and column, and a note if the file was changed after the program started. */
  readonly codeFrame: string | undefined;
  /** The number of stacks that were taken during the stall. */
  readonly samples: number;
  /** The functions that occur most often in the samples, sorted by `self`, then by `total`; at most 12. */
  readonly profile: readonly ProfileEntry[];
  /** The number of stalls at this place so far, including this one. */
  readonly count: number;
  /** The duration of all stalls at this place so far, including this one, in milliseconds. */
  readonly totalMs: number;
  /** What to do about the stall, in one sentence. */
  readonly fix: string;
}

/** A blocking function that was called while the loop ran. */
export interface SyncCall {
  /** The name of the function: `fs.readFileSync`. */
  readonly name: string;
  /** The first argument, if it is a path; at most 160 characters. */
  readonly argument: string | undefined;
  /** How long the call took, in milliseconds. */
  readonly durationMs: number;
  /** The innermost line of the program that made the call. `undefined`: no frame belongs to the program. */
  readonly place: Place | undefined;
  /** The frames of the call, innermost first. */
  readonly stack: readonly StackFrame[];
  /** The source lines around `place`. `undefined`: the source could not be read. */
  readonly codeFrame: string | undefined;
  /** The name of the task that ran. `undefined`: none, or no library told it. */
  readonly task: string | undefined;
  /** What to call instead. */
  readonly instead: string;
  /** The number of calls of this function at this place so far, including this one. */
  readonly count: number;
}
