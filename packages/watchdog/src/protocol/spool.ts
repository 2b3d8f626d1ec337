// What a watched process tells `offloop watch`. Each process appends lines of JSON to a file of its own, in a folder that
// the command makes and names in OFFLOOP_SPOOL, which all descendants inherit. A file outlives its process, also one that
// SIGKILL ends in the middle of a stall, and it takes no descriptor that the program may use.
//
//   sinks.ts, of each process ── <pid>-<start>.jsonl ──▶ cli/spool.ts ──▶ cli/run-report.ts
//   spooled-samples.ts ───────── <pid>-<start>.sample ──▶ cli/run-samples.ts, which removes the file
import type { RawFrame } from "./messages.js";
import type { Stall, SyncCall } from "./stall.js";

/** The variable that names the folder. */
export const SPOOL_VARIABLE = "OFFLOOP_SPOOL";

/** A file of this name in the folder asks for the delays of the loop, for a time line. */
export const WANTS_DELAYS = "delays";

/** A file of this name in the folder asks each process to look for the next file. */
export const SERVES_SAMPLES = "serves-samples";

/** While a file of this name is there, somebody looks: each process writes a sample, and another one when that was read. */
export const LOOKS = "looks";

/** The ending of the name of a sample. */
export const SAMPLE_FILE = ".sample";

/** The first line of a file. */
interface ProcessLine {
  readonly event: "process";
  readonly pid: number;
  readonly program: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly thresholdMs: number;
}

/** A node of a tree of samples (place/sample-tree.ts): frame, `self`, `selfMs`, children. */
export type PackedTree = readonly [frame: RawFrame | null, self: number, selfMs: number, children: readonly PackedTree[]];

/** A line of a spool file. */
export type SpoolLine =
  | ProcessLine
  | (Stall & { readonly event: "stall-begin" })
  | (Stall & { readonly event: "stall-end"; readonly tree: PackedTree })
  | (SyncCall & { readonly event: "sync-call" })
  /** The longest delay of the stretch that begins at `at`. */
  | { readonly event: "delay"; readonly at: number; readonly delayMs: number };
