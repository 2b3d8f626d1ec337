// Picks the documents of the main job: those that take long enough to starve a loop and short enough
// to be an ordinary request. The choice is by measured time, so it fits the machine it runs on.
import { readFileSync } from "node:fs";
import type { Document } from "./documents.js";
import { renderDocument } from "./render.js";

export interface PickedDocument extends Document {
  readonly renderMs: number;
}

const shortestMs = 20;
const longestMs = 200;
/** Below this size nothing takes 20 ms; above it nothing is an ordinary request. */
const smallestBytes = 8_000;
const largestBytes = 200_000;

/**
 * The first `count` documents, in the order given, whose rendering takes 20 to 200 ms once warm.
 * @throws {Error} when there are fewer than two.
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

/** The faster of two warm runs: noise only adds. What is fast even when cold is not run again. */
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
