// The figures that the targets are about: medians, ratios of values of the same round, and the best peer.
import { median, pairedRatio } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { Results, SuiteResults } from "./results.js";
import { valuesOf } from "./table.js";

/** A contender's value. */
export interface Figure {
  readonly contender: string;
  readonly value: number;
}

/** A target needs a figure that the run does not have. The message is the suite's id. */
export class NotMeasured extends Error {}

/** Contenders that are not peers: offloop itself, the lower bounds, the same work without a pool, and asyncio. */
const noPeers = /^(offloop|raw|shared memory|inline|asyncio)/;

export class Figures {
  readonly #suites: ReadonlyMap<string, SuiteResults>;

  constructor({ suites }: Results) {
    this.#suites = new Map(suites.map((suite) => [suite.id, suite]));
  }

  /** @throws NotMeasured */
  value(suite: string, contender: string, metric: string): number {
    return finite(median(this.#values(suite, contender, metric)), suite);
  }

  /** The lowest value of a round. Other load on the machine adds to a time, and never takes from it. @throws NotMeasured */
  least(suite: string, contender: string, metric: string): number {
    return finite(Math.min(...this.#values(suite, contender, metric)), suite);
  }

  /** The contender's value divided by that of `base`: the median over the rounds. @throws NotMeasured */
  ratio(suite: string, contender: string, base: string, metric: string): number {
    return finite(pairedRatio(this.#values(suite, contender, metric), this.#values(suite, base, metric)), suite);
  }

  /** The best value of the other pools. @throws NotMeasured */
  bestPeer(suite: string, metric: string, among: (contender: string) => boolean = () => true): Figure {
    const { measured } = this.#suite(suite);
    const { better } = this.#metric(suite, metric);
    const peers = measured
      .filter(({ contender, failure }) => failure === undefined && !noPeers.test(contender) && among(contender))
      .map(({ contender }) => ({ contender, value: median(this.#values(suite, contender, metric)) }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => (better === "lower" ? a.value - b.value : b.value - a.value));
    const [best] = peers;
    if (best === undefined) throw new NotMeasured(suite);
    return best;
  }

  #values(suite: string, contender: string, metric: string): number[] {
    const measured = this.#suite(suite).measured.find((each) => each.contender === contender);
    if (measured === undefined || measured.failure !== undefined) throw new NotMeasured(suite);
    return valuesOf(measured, this.#metric(suite, metric));
  }

  #suite(id: string): SuiteResults {
    const suite = this.#suites.get(id);
    if (suite === undefined) throw new NotMeasured(id);
    return suite;
  }

  #metric(suite: string, id: string): Metric {
    const metric = this.#suite(suite).metrics.find((each) => each.id === id);
    if (metric === undefined) throw new NotMeasured(suite);
    return metric;
  }
}

function finite(value: number, suite: string): number {
  if (!Number.isFinite(value)) throw new NotMeasured(suite);
  return value;
}
