// A histogram with fixed bounds, as Prometheus has them: how many values lie in each bucket, and their sum.

/** A histogram as data. `counts` has one more number than there are bounds: of the values above the last one. */
export interface BucketCounts {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values by the bounds of a histogram. */
export class Buckets implements BucketCounts {
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.#bounds.length && value > this.#bounds[index]!) index += 1;
    this.counts[index]! += 1;
    this.sum += value;
  }

  /** Adds the values of a histogram with the same bounds. */
  add({ counts, sum }: BucketCounts): void {
    for (const [index, count] of counts.entries()) this.counts[index]! += count;
    this.sum += sum;
  }
}
