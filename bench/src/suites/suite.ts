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

/** One round's figures, by metric. A metric that a contender cannot have is missing. */
export type Sample = Record<string, number>;

/** How much time a round may take. */
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
  /** The ratios are about the first metric. */
  readonly contenders: readonly ContenderKey[];
  readonly metrics: readonly Metric[];
  /** Whether it is part of `--quick`, and with whom. */
  readonly quick?: readonly ContenderKey[];
  /** Why it cannot be measured on this machine, where it cannot. */
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

/** @throws Error where a contender's answer is wrong: a fast wrong answer is no result */
export function check(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: got ${String(actual)}, expected ${String(expected)}`);
}
