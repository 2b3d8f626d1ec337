// Picks the documents of the main job. Their render time is long enough to block a loop noticeably, and short
// enough for an ordinary request. It is measured on the machine that runs the job.
import { readFileSync } from "node:fs";
import type { Document } from "./documents.js";
import { renderDocument } from "./render.js";

export interface PickedDocument extends Document {
  readonly renderMs: number;
}

const shortestMs = 20;
const longestMs = 200;
/** A smaller document takes less than 20 ms, and a larger one is no ordinary request. */
const smallestBytes = 8_000;
const largestBytes = 200_000;

/**
 * The first `count` documents, in the given order, whose rendering takes 20 to 200 ms after a first run.
 * @throws Error there are fewer than two
 */
export function pickDocuments(
  candidates: readonly Document[],
  count: number,
  onPicked: (picked: PickedDocument) => void = () => {},
  measure: (document: Document) => number = renderTimeMs,
): PickedDocument[] {
  const picked: PickedDocument[] = [];
  for (const document of candidates) {
    if (picked.length === count) break;
    if (document.bytes < smallestBytes || document.bytes > largestBytes) continue;
    const renderMs = measure(document);
    if (renderMs < shortestMs || renderMs > longestMs) continue;
    picked.push({ ...document, renderMs });
    onPicked(picked.at(-1)!);
  }
  if (picked.length >= 2) return picked;
  throw new Error(
    `Only ${picked.length} of ${candidates.length} installed documents take ${shortestMs} to ${longestMs} ms to render; two are needed.`,
  );
}

/** The faster of two runs after the first one, because noise only adds time. A document that is fast at the first run is not run again. */
function renderTimeMs(document: Document): number {
  const text = readFileSync(document.path, "utf8");
  const timeOnce = () => {
    const started = performance.now();
    renderDocument(text);
    return performance.now() - started;
  };
  const cold = timeOnce();
  if (cold < shortestMs) return cold;
  return Math.min(timeOnce(), timeOnce());
}
