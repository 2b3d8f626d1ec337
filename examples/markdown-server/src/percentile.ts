/** The nearest-rank percentile of ascending values: the smallest value that is at least as large as `p` percent of them. */
export function percentile(ascending: readonly number[], p: number): number {
  const value = ascending[Math.max(0, Math.ceil((p / 100) * ascending.length) - 1)];
  if (value === undefined) throw new Error("percentile() needs at least one value");
  return value;
}
