// Renders the source lines around a place, with a mark under its column.
import type { Place } from "../protocol/stall.js";
import { mayHaveChanged, readSource } from "./read-source.js";
import { carriedText, mayBeRead } from "./source-maps.js";

const LINES_BEFORE = 2;
const LINES_AFTER = 2;

/** A longer line is minified code, and is cut. */
const LONGEST_LINE = 200;

const CHANGED = "The file was changed after the program started";

/** The lines as text; `undefined`: the source cannot be read. */
export function codeFrame(place: Place): string | undefined {
  const lines = textOf(place.file)?.split(/\r?\n/);
  const guilty = lines?.[place.line - 1];
  if (!lines || guilty === undefined) return undefined;
  // What runs is not this text: the file was changed, or was compiled in memory with a map that is not known here.
  if (place.column > guilty.length + 1) return mayHaveChanged(place.file) ? `${CHANGED}, and its lines are not the ones that run.` : undefined;
  let first = Math.max(1, place.line - LINES_BEFORE);
  let last = Math.min(lines.length, place.line + LINES_AFTER);
  // Empty lines at the ends are left out.
  while (first < place.line && lines[first - 1]?.trim() === "") first++;
  while (last > place.line && lines[last - 1]?.trim() === "") last--;
  const width = String(last).length;
  const out: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? "").replaceAll("\t", "  ");
    const shown = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
    out.push(`${number === place.line ? ">" : " "} ${String(number).padStart(width)} | ${shown}`.trimEnd());
    if (number === place.line && place.column > 0 && place.column <= LONGEST_LINE) {
      const indent = (guilty.slice(0, place.column - 1)).replaceAll("\t", "  ").length;
      out.push(`  ${" ".repeat(width)} | ${" ".repeat(indent)}^`);
    }
  }
  if (mayHaveChanged(place.file)) out.push(`${CHANGED}. The lines above may not be the ones that run.`);
  return out.join("\n");
}

function textOf(file: string): string | undefined {
  try {
    return mayBeRead(file) ? readSource(file) : carriedText(file);
  } catch {
    return carriedText(file);
  }
}
