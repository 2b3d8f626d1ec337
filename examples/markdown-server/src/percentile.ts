/** The nearest-rank percentile of ascending values: the smallest that at least `p` percent do not exceed. */
export function percentile(ascending: readonly number[], p: number): number {
  const value = ascending[Math.max(0, Math.ceil((p / 100) * ascending.length) - 1)];
  if (value === undefined) throw new Error("A percentile of no values was asked for.");
  return value;
}
