// The types of a dump, as `offloop dump --json` prints it.
import type { PoolState, TaskState } from "../protocol/sample.js";
import type { Place, StackFrame } from "../protocol/stall.js";
import type { KernelView } from "./kernel-view.js";

/** One frame of a stack. */
export interface DumpFrame extends StackFrame {
  /** The arguments and local variables, each as text. `undefined`: they were not read. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** What a process does, at one moment. */
export interface Dump {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  /** The version of its Node; `undefined`: the process did not answer. */
  readonly node: string | undefined;
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  readonly uptimeMs: number | undefined;
  readonly rssBytes: number | undefined;
  readonly heapUsedBytes: number | undefined;
  /** `held`: JavaScript holds the event loop. `turning`: the loop turns. `native`: the main thread does not answer, because native code holds it. */
  readonly loop: "held" | "turning" | "native";
  /** Milliseconds for which the loop has been held; `undefined`: it turns, or the time is not known. */
  readonly heldMs: number | undefined;
  /** The task or callback that runs, as a library names it. */
  readonly task: string | undefined;
  /** What the main thread runs, innermost first. Empty while it waits for events. */
  readonly stack: readonly DumpFrame[];
  /** The innermost frame of the program; if it has none, of a dependency. */
  readonly place: Place | undefined;
  /** The source lines of `place`. */
  readonly codeFrame: string | undefined;
  /** The main thread, as the kernel sees it, if it does not answer. */
  readonly kernel: KernelView | undefined;
  readonly threads: readonly ThreadDump[];
  /** What keeps the process alive, with its number. */
  readonly resources: Readonly<Record<string, number>>;
  /** The tasks and pools of offloop in the process. */
  readonly tasks: readonly TaskState[];
  /** The number of tasks, of which `tasks` has 10,000 at most. */
  readonly taskCount: number;
  readonly pools: readonly PoolState[];
  /** Whether the inspector was open already, and was left open. */
  readonly inspectorWasOpen: boolean;
}

/** A worker thread. */
export interface ThreadDump {
  readonly threadId: number;
  readonly title: string;
  /** Innermost first. Empty while it waits for events; `undefined`: native code holds it, and it does not answer. */
  readonly stack: readonly DumpFrame[] | undefined;
  readonly place: Place | undefined;
  readonly codeFrame: string | undefined;
}
