// What got faster or slower than in an earlier run, beyond the noise. Machines drift between runs, and
// that drift is seen in those whose code is the same: so the change of a contender is held against the
// median change of all others.
import type { Measured } from "../measure/interleave.js";
import { median, spread } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { Results, SuiteResults } from "./results.js";
import { significant, valuesOf } from "./table.js";

/** A change smaller than this is no news, however quiet the machine. */
const LEAST_CHANGE = 0.05;

export interface Change {
  readonly suite: string;
  readonly contender: string;
  readonly metric: string;
  /** Above 1: that many times better than before. */
  readonly factor: number;
  /** The change that the spreads of both runs explain, as a fraction. */
  readonly noise: number;
  readonly verdict: "better" | "worse" | "same";
}

/** The changes of offloop's figures. */
export function compare(before: Results, now: Results): Change[] {
  return now.suites.flatMap((suite) => {
    const earlier = before.suites.find(({ id }) => id === suite.id);
    return earlier === undefined ? [] : suite.metrics.flatMap((metric) => changes(metric, earlier, suite));
  });
}

function changes(metric: Metric, before: SuiteResults, now: SuiteResults): Change[] {
  const pairs = now.measured.flatMap((each) => {
    const earlier = before.measured.find(({ contender }) => contender === each.contender);
    return earlier === undefined ? [] : [{ each, earlier, factor: factor(metric, earlier, each) }];
  });
  const drift = median(pairs.filter(({ each }) => !isOurs(each)).map((pair) => pair.factor).filter(Number.isFinite));
  return pairs.filter(({ each, factor: value }) => isOurs(each) && Number.isFinite(value)).map(({ each, earlier, factor: value }) => {
    const corrected = Number.isFinite(drift) ? value / drift : value;
    const noise = Math.max(LEAST_CHANGE, 2 * Math.hypot(spread(valuesOf(each, metric)), spread(valuesOf(earlier, metric))));
    const verdict = corrected > 1 + noise ? "better" : corrected < 1 / (1 + noise) ? "worse" : "same";
    return { suite: now.title, contender: each.contender, metric: metric.title, factor: corrected, noise, verdict };
  });
}

function isOurs({ contender }: Measured): boolean {
  return contender.startsWith("offloop");
}

function factor(metric: Metric, before: Measured, now: Measured): number {
  const [old, fresh] = [median(valuesOf(before, metric)), median(valuesOf(now, metric))];
  return metric.better === "lower" ? old / fresh : fresh / old;
}

/** The comparison as text. */
export function comparison(changed: readonly Change[]): string {
  const lines = changed.map(({ suite, contender, metric, factor: value, noise, verdict }) => {
    const change = verdict === "same" ? "same" : `${significant(verdict === "better" ? value : 1 / value)} × ${verdict}`;
    return `${change.padEnd(16)} ${contender}: ${suite}, ${metric} (noise ±${Math.round(noise * 100)}%)`;
  });
  const count = (verdict: Change["verdict"]): number => changed.filter((each) => each.verdict === verdict).length;
  return [...lines, "", `${count("better")} better, ${count("worse")} worse, ${count("same")} the same within the noise.`].join("\n");
}
