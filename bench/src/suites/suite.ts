// A suite: one question to each contender, each in a process of its own.
//
//   measure/interleave.ts (parent) ── name of suite and contender ──▶ measure/child.ts
//                                  ◀─ one Sample a round ───────────
import type { ContenderKey } from "../peers/index.js";
import type { Contender } from "../peers/pool.js";

/** A figure that a suite measures. */
export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
}

/** The figures of one round, by metric. A metric that does not apply to the contender is missing. */
export type Sample = Record<string, number>;

/** How long a run measures. */
export interface Effort {
  readonly rounds: number;
  /** Measured milliseconds of a round. */
  readonly roundMs: number;
}

/** A contender ready to be measured again and again. */
export interface Measurement {
  /** @throws Error a result is wrong */
  round(): Promise<Sample>;
  close(): Promise<unknown>;
}

export interface Suite {
  readonly id: string;
  readonly title: string;
  /** What is measured, and how, in a sentence or two. */
  readonly about: string;
  readonly contenders: readonly ContenderKey[];
  /** The plot shows the first one. */
  readonly metrics: readonly Metric[];
  /** The contenders under `--quick`. Without it, `--quick` leaves the suite out. */
  readonly quick?: readonly ContenderKey[];
  /** The reason why this machine cannot run the suite; `undefined` if it can. */
  readonly missing?: () => string | undefined;
  /** Arguments for Node in the contender's process. */
  readonly execArgv?: readonly string[];
  open(contender: Contender, effort: Effort, key: ContenderKey): Promise<Measurement>;
}

export const LATENCY: readonly Metric[] = [
  { id: "p50", title: "p50", unit: "µs", better: "lower" },
  { id: "p99", title: "p99", unit: "µs", better: "lower" },
];

export const MAIN_CPU: Metric = { id: "cpu", title: "main-thread CPU a call", unit: "µs", better: "lower" };

/** @throws Error the contender's result is wrong */
export function check(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: got ${String(actual)}, expected ${String(expected)}`);
}
