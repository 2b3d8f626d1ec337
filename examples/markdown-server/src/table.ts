// A plain table: the first column is text, the others are numbers, aligned to the right.

export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join("   ").trimEnd();
  return [line(header), "─".repeat(widths.reduce((sum, width) => sum + width + 3, -3)), ...rows.map(line)].join("\n");
}

/** A figure with two or three digits, because it was measured only once: 412, 41.2, 4.1, 0.41. */
export function formatFigure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toFixed(1) : value.toFixed(2);
}
