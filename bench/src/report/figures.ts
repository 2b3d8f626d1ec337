// The figures of a run that targets need: medians, ratios of the same rounds, and the best peer.
import { median, pairedRatio } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { Results, SuiteResults } from "./results.js";
import { valuesOf } from "./table.js";

/** What has been measured by whom. */
export interface Figure {
  readonly contender: string;
  readonly value: number;
}

/** Raised where a target asks for what has not been measured, or has failed. */
export class NotMeasured extends Error {}

/** Those that are no pools: bounds, and the work in place. */
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

  /** How many times `base`'s value a contender's is, by the median of the rounds. @throws NotMeasured */
  ratio(suite: string, contender: string, base: string, metric: string): number {
    return finite(pairedRatio(this.#values(suite, contender, metric), this.#values(suite, base, metric)), suite);
  }

  /** The best of the pools that are not ours. @throws NotMeasured */
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
