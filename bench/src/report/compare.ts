// Finds the figures that got better or worse than in an earlier run by more than the noise. A machine's speed
// drifts between runs. The other contenders' code did not change, so their figures show this drift. The change
// of an offloop figure is therefore divided by their median change.
import type { Measured } from "../measure/interleave.js";
import { median, spread } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { Results, SuiteResults } from "./results.js";
import { significant, valuesOf } from "./table.js";

/** A smaller change counts as the same, even without noise. */
const LEAST_CHANGE = 0.05;

export interface Change {
  readonly suite: string;
  readonly contender: string;
  readonly metric: string;
  /** Above 1: better than before, by this factor. Below 1: worse. */
  readonly factor: number;
  /** The largest change that counts as noise, as a fraction. It comes from the spreads of both runs. */
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
