// Durations that are added up for the statistics of an executor.

/** Durations of calls. */
export interface DurationStats {
  /** The number of measured calls. */
  readonly count: number;
  /** Their sum, in milliseconds. The mean is `totalMs / count`. */
  readonly totalMs: number;
  /** The longest of them, in milliseconds. */
  readonly longestMs: number;
}

export class DurationTotals implements DurationStats {
  count = 0;
  totalMs = 0;
  longestMs = 0;

  /** Counts one more duration. @param ms milliseconds */
  add(ms: number): void {
    this.count += 1;
    this.totalMs += ms;
    if (ms > this.longestMs) this.longestMs = ms;
  }

  /** The durations until now. */
  read(): DurationStats {
    return { count: this.count, totalMs: this.totalMs, longestMs: this.longestMs };
  }
}
