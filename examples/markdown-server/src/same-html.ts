// Checks that both versions render the same HTML.

/** @throws Error a page differs; the message names the first one and the position */
export function requireSameHtml(inline: ReadonlyMap<string, Buffer>, offloaded: ReadonlyMap<string, Buffer>): void {
  for (const [name, expected] of inline) {
    const actual = offloaded.get(name);
    if (actual === undefined) throw new Error(`The offloaded server did not render ${name}.`);
    if (actual.equals(expected)) continue;
    const at = expected.findIndex((byte, index) => byte !== actual[index]);
    const offset = at === -1 ? expected.length : at;
    throw new Error(
      `The HTML of ${name} differs at byte ${offset} (inline: ${expected.length} bytes, offloaded: ${actual.length} bytes):\n` +
        `  inline     ${excerpt(expected, offset)}\n  offloaded  ${excerpt(actual, offset)}`,
    );
  }
}

function excerpt(html: Buffer, offset: number): string {
  return JSON.stringify(html.subarray(Math.max(0, offset - 20), offset + 40).toString("utf8"));
}
