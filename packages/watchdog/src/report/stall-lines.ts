// The metrics of stalls for the endpoint.
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import { endpointMetrics, stallMetrics } from "../protocol/metrics.js";
import type { Stall } from "../protocol/stall.js";
import { histograms, values } from "./exposition.js";

/** The number of places in the metrics. Each is a time series, which costs memory in Prometheus. */
const MOST_PLACES = 20;

/** The lines of the metrics of stalls. */
export function stallLines(running: Stall | undefined, book: PlaceBook, { stallCount, stalledMs, longestMs, durations }: History): string[] {
  return [
    ...values(stallMetrics.stalls, [[[], stallCount]]),
    ...values(stallMetrics.stalledSeconds, [[[], stalledMs / 1_000]]),
    ...values(stallMetrics.longest, [[[], longestMs / 1_000]]),
    ...values(endpointMetrics.running, [[[], (running?.durationMs ?? 0) / 1_000]]),
    ...values(endpointMetrics.place, worstPlaces(book)),
    ...histograms(stallMetrics.duration, [...durations].map(([kind, buckets]) => [[kind], buckets])),
  ];
}

/**
 * Entries with the same labels are added up, because Prometheus rejects an answer with a series that occurs twice.
 * They are added up before the worst places are chosen. Otherwise the counter could fall when one entry is no
 * longer among the worst, which Prometheus would take for a restart.
 */
function worstPlaces(book: PlaceBook): [labels: string[], seconds: number][] {
  const sums = new Map<string, number>();
  for (const { place, kind, totalMs } of book.worst()) {
    const labels = JSON.stringify([place?.file ?? "", String(place?.line ?? 0), place?.function ?? "", kind]);
    sums.set(labels, (sums.get(labels) ?? 0) + totalMs);
  }
  const worst = [...sums].toSorted(([, a], [, b]) => b - a).slice(0, MOST_PLACES);
  return worst.map(([labels, totalMs]) => [JSON.parse(labels) as string[], totalMs / 1_000]);
}
