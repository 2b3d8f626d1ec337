// Compares a run with offloop's targets. Each row is computed from the figures of the run. A ratio is the
// median of the ratios of the same round. A target in absolute units also depends on the machine.
import { Figures, NotMeasured } from "./figures.js";
import type { Results } from "./results.js";
import { significant } from "./table.js";

export interface Verdict {
  readonly work: string;
  /** The contender to compare with, and its value. */
  readonly peer: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

interface Target {
  readonly work: string;
  readonly target: string;
  judge(figures: Figures): { peer: string; measured: string; met: boolean };
}

/** The verdict on each target whose figures the results have. */
export function judge(results: Results): Verdict[] {
  const figures = new Figures(results);
  return targets.flatMap(({ work, target, judge: of }) => {
    try {
      return [{ work, target, ...of(figures) }];
    } catch (error) {
      if (error instanceof NotMeasured) return [];
      throw error;
    }
  });
}

/** At most this multiple of the value of `base`. */
function atMost(most: number, suite: string, metric: string, unit: string, base: string, us = "offloop"): Target["judge"] {
  return (figures) => {
    const ratio = figures.ratio(suite, us, base, metric);
    return {
      peer: `${base} ${significant(figures.value(suite, base, metric))} ${unit}`,
      measured: `${significant(figures.value(suite, us, metric))} ${unit}, ${significant(ratio)} ×`,
      met: ratio <= most,
    };
  };
}

/** At most this multiple of the best peer's value. `most` undefined: below that value. */
function atMostBest(suite: string, metric: string, unit: string, most?: number, us = "offloop"): Target["judge"] {
  return (figures) => {
    const { contender } = figures.bestPeer(suite, metric);
    const verdict = atMost(most ?? 1, suite, metric, unit, contender, us)(figures);
    return most === undefined ? { ...verdict, met: figures.ratio(suite, us, contender, metric) < 1 } : verdict;
  };
}

/** At least this multiple of the value of `base`. */
function atLeast(least: number, suite: string, metric: string, unit: string, base: string, us = "offloop"): Target["judge"] {
  return (figures) => {
    const ratio = figures.ratio(suite, us, base, metric);
    const { contender, value } = figures.bestPeer(suite, metric);
    return {
      peer: `${base} ${significant(figures.value(suite, base, metric))} ${unit}; best: ${contender} ${significant(value)}`,
      measured: `${significant(figures.value(suite, us, metric))} ${unit}, ${significant(ratio)} ×`,
      met: ratio >= least,
    };
  };
}

const TO_THREAD = "offloop, toThread";

/** Of the first call, at most this multiple of the value of `base`. Shows the lowest values too. */
function firstCall(most: number, metric: string, unit: string, base: string, us = TO_THREAD, baseMetric = metric): Target["judge"] {
  return (figures) => {
    const [ours, theirs] = [figures.value("first", us, metric), figures.value("first", base, baseMetric)];
    const [ourLeast, theirLeast] = [figures.least("first", us, metric), figures.least("first", base, baseMetric)];
    const ratio = metric === baseMetric ? figures.ratio("first", us, base, metric) : ours / theirs;
    return {
      peer: `${base} ${significant(theirs)} ${unit}, least ${significant(theirLeast)}`,
      measured: `${significant(ours)} ${unit}, ${significant(ratio)} ×; least ${significant(ourLeast)}, ${significant(ourLeast / theirLeast)} ×`,
      met: ratio <= most,
    };
  };
}

/** Of the first call, at most this value in the round with the least. */
function atLeastOnce(most: number, metric: string, unit: string, peer?: string): Target["judge"] {
  return (figures) => {
    const least = figures.least("first", TO_THREAD, metric);
    return {
      peer: peer === undefined ? "" : `${peer} ${significant(figures.value("first", peer, metric))} ${unit}, least ${significant(figures.least("first", peer, metric))}`,
      measured: `${significant(figures.value("first", TO_THREAD, metric))} ${unit}, least ${significant(least)}`,
      met: least <= most,
    };
  };
}

/** Of the first call, at most this much above the value of `base`. */
function above(most: number, metric: string, unit: string, base: string): Target["judge"] {
  return (figures) => {
    const [ours, theirs] = [figures.value("first", TO_THREAD, metric), figures.value("first", base, metric)];
    return { peer: `${base} ${significant(theirs)} ${unit}`, measured: `${significant(ours)} ${unit}, ${significant(ours - theirs)} above`, met: ours - theirs <= most };
  };
}

/** At most this value, in absolute units. */
function below(most: number, suite: string, metric: string, unit: string, us = "offloop"): Target["judge"] {
  return (figures) => {
    const value = figures.value(suite, us, metric);
    const { contender, value: best } = figures.bestPeer(suite, metric);
    return { peer: `${contender} ${significant(best)} ${unit}`, measured: `${significant(value)} ${unit}`, met: value <= most };
  };
}

/** At most 1.1 times the time of raw messages, or of piscina if that is less. */
function payload(suite: string, orPiscina: boolean): Target["judge"] {
  return (figures) => {
    const pool = orPiscina && figures.ratio(suite, "piscina", "raw postMessage", "p50") < 1 ? "piscina" : "raw postMessage";
    return atMost(1.1, suite, "p50", "µs", pool)(figures);
  };
}

/** The CPU time of a call at the size `most`: at most 1.2 times the least CPU time of a call at the sizes `fewer`. */
function flat(id: (size: number) => string, most: number, fewer: readonly number[], what: string): Target["judge"] {
  return (figures) => {
    const growth = (contender: string): { ratio: number; least: number; atMost: number } => {
      const least = Math.min(...fewer.map((size) => figures.value(id(size), contender, "cpu")));
      const atMostCost = figures.value(id(most), contender, "cpu");
      return { ratio: atMostCost / least, least, atMost: atMostCost };
    };
    const ours = growth("offloop");
    const theirs = growth("piscina");
    return {
      peer: `piscina ${significant(theirs.ratio)} ×`,
      measured: `${significant(ours.least)} to ${significant(ours.atMost)} µs with ${most.toLocaleString("en")} ${what}, ${significant(ours.ratio)} ×`,
      met: ours.ratio <= 1.2,
    };
  };
}

const us = "offloop, processes";
const actor = "offloop, actor";
const hosts = "offloop, Redis";
const waiting = "BullMQ, waitUntilFinished";

const targets: readonly Target[] = [
  { work: "no-op round trip, p50", target: "at most 0.8 × piscina", judge: atMost(0.8, "round-trip", "p50", "µs", "piscina") },
  { work: "no-op round trip, p99", target: "no worse than piscina", judge: atMost(1, "round-trip", "p99", "µs", "piscina") },
  { work: "throughput, 16 outstanding", target: "at least 8 × piscina", judge: atLeast(8, "throughput-16", "rate", "k/s", "piscina") },
  { work: "throughput, 256 outstanding", target: "at least 55 × piscina", judge: atLeast(55, "throughput-256", "rate", "k/s", "piscina") },
  { work: "throughput, 4,096 outstanding", target: "at least 85 × piscina", judge: atLeast(85, "throughput-4096", "rate", "k/s", "piscina") },
  { work: "main-thread CPU a call, 256 outstanding", target: "at most 0.5 µs", judge: below(0.5, "throughput-256", "cpu", "µs") },
  {
    work: "100,000 items of 2 µs, one call each",
    target: "at least 7 × as fast as piscina",
    judge: (figures) => {
      const verdict = atMost(1 / 7, "items", "time", "ms", "piscina")(figures);
      return { ...verdict, measured: `${significant(figures.value("items", "offloop", "time"))} ms, ${significant(figures.ratio("items", "piscina", "offloop", "time"))} × as fast` };
    },
  },
  { work: "100,000 items of 2 µs, `map`", target: "at most 1.05 × chunks by hand over raw messages", judge: atMost(1.05, "map", "time", "ms", "raw postMessage") },
  { work: "head-of-line blocking, mean of the short calls", target: "below every peer", judge: atMostBest("head-of-line", "mean", "ms") },
  { work: "head-of-line blocking, p99 of the short calls", target: "below every peer", judge: atMostBest("head-of-line", "p99", "ms") },
  { work: "an object of 1 KB", target: "at most 1.1 × raw", judge: payload("payload-1kb", false) },
  { work: "nested objects of 100 KB", target: "at most 1.1 × raw", judge: payload("payload-100kb", false) },
  { work: "10 MB copied", target: "at most 1.1 × the better of raw and piscina", judge: payload("payload-cloned", true) },
  { work: "10 MB moved", target: "at most 1.1 × the better of raw and piscina", judge: payload("payload-transferred", true) },
  { work: "10 MB shared", target: "at most 1.1 × raw", judge: payload("payload-shared", false) },
  { work: "abort of a running call: a worker free again", target: "at most 0.6 ms", judge: below(0.6, "cancel", "free", "ms") },
  { work: "the same, each of 100", target: "at most 3 ms", judge: below(3, "cancel", "many", "ms") },
  { work: "the same, threads ended", target: "none", judge: below(0, "cancel", "threads", "a call") },
  { work: "the client of a Fastify request goes away: a worker free again, function that looks", target: "at most 100 ms", judge: below(100, "client-gone", "told", "ms") },
  { work: "the same, function that does not look", target: "at most 100 ms", judge: below(100, "client-gone", "ended", "ms") },
  { work: "process pool, round trip", target: "at most 1.1 × the best peer", judge: atMostBest("processes-round-trip", "p50", "µs", 1.1, us) },
  { work: "process pool, 256 outstanding", target: "at least 15 × jest-worker", judge: atLeast(15, "processes-throughput-256", "rate", "k/s", "jest-worker, processes", us) },
  {
    work: "process pool, 100 KB there and back",
    target: "at most 1.05 × the best of peers and raw JSON",
    judge: (figures) => {
      const peer = figures.bestPeer("payload-processes", "p50").contender;
      const base = figures.ratio("payload-processes", peer, "raw fork, JSON", "p50") < 1 ? peer : "raw fork, JSON";
      return atMost(1.05, "payload-processes", "p50", "µs", base, us)(figures);
    },
  },
  { work: "calls of an actor, one at a time", target: "at least 8 × comlink", judge: atLeast(8, "actors", "single", "k/s", "comlink", actor) },
  { work: "calls of an actor, 256 outstanding", target: "at least 8 × comlink", judge: atLeast(8, "actors", "rate", "k/s", "comlink", actor) },
  { work: "calls of an actor in a process, 256 outstanding", target: "at least 6 × comlink", judge: atLeast(6, "actors", "rate", "k/s", "comlink", `${actor} in a process`) },
  { work: "call on another host, p50", target: "at most 0.55 × BullMQ's waitUntilFinished", judge: atMost(0.55, "remote", "p50", "µs", waiting, hosts) },
  { work: "calls on another host, 256 outstanding", target: "at least 10 × BullMQ's waitUntilFinished", judge: atLeast(10, "remote", "rate", "k/s", waiting, hosts) },
  { work: "100,000 no-op items on another host, `map`", target: "at most 2 × a process of this machine", judge: atMost(2, "remote", "map", "ms", us, hosts) },
  { work: "16 calls of 100 ms on four hosts", target: "at most 1.1 × ideal", judge: below(1.1, "remote", "fair", "×", hosts) },
  {
    work: "server: light p99 beside heavy work",
    target: "at most 1.5 × without any",
    judge: (figures) => {
      const idle = figures.value("server-idle", "inline", "p99");
      const value = figures.value("server-busy", "offloop", "p99");
      const { contender, value: best } = figures.bestPeer("server-busy", "p99");
      return { peer: `${contender} ${significant(best)} ms; without heavy work ${significant(idle)}`, measured: `${significant(value)} ms, ${significant(value / idle)} ×`, met: value <= 1.5 * idle };
    },
  },
  { work: "server overloaded: light p99", target: "below every peer", judge: atMostBest("server-overloaded", "p99", "ms") },
  { work: "server overloaded: heavy work done", target: "at least 0.95 × the best peer", judge: (figures) => atLeast(0.95, "server-overloaded", "heavy", "/s", figures.bestPeer("server-overloaded", "heavy").contender)(figures) },
  { work: "import of @offloop/core", target: "at most 5 ms", judge: below(5, "start-up", "import", "ms", "offloop, toThread") },
  { work: "import of offloop, the one install", target: "no more than piscina", judge: atMost(1, "start-up", "import", "ms", "piscina", "offloop, one install") },
  { work: "import to first result", target: "below piscina", judge: atMost(1, "start-up", "first", "ms", "piscina") },
  { work: "memory of a worker", target: "at most 9 MB", judge: below(9, "start-up", "memory", "MB") },
  { work: "close of four workers", target: "at most 10 ms", judge: below(10, "start-up", "close", "ms") },
  { work: "1 to 64 workers: main-thread CPU a call", target: "at most 1.2 × the least", judge: flat((size) => `workers-${size}`, 64, [1, 4, 16], "workers") },
  { work: "1 to 100,000 outstanding: main-thread CPU a call", target: "at most 1.2 × the least", judge: flat((size) => `outstanding-${size}`, 100_000, [1, 10, 100, 1_000, 10_000], "outstanding") },
  { work: "first call: import of @offloop/core", target: "no more than workerpool", judge: firstCall(1, "import", "ms", "workerpool") },
  { work: "first call: import of offloop", target: "no more than piscina", judge: firstCall(1, "import", "ms", "piscina", "offloop, one install") },
  { work: "first call: import to first result", target: "at most 1.15 × piscina", judge: firstCall(1.15, "first", "ms", "piscina") },
  { work: "first call: the same, with warmUp", target: "at most 1.15 × piscina", judge: firstCall(1.15, "warm", "ms", "piscina", undefined, "first") },
  { work: "longest hold by the first call, 1,000 CommonJS modules", target: "at most 10 ms", judge: atLeastOnce(10, "hold-cjs", "ms", "piscina") },
  { work: "longest hold by the first call, 1,000 ES modules", target: "at most 10 ms", judge: atLeastOnce(10, "hold-esm", "ms", "piscina") },
  { work: "a new arrow function for each call: main thread", target: "at most 0.5 ms", judge: atLeastOnce(0.5, "fresh", "ms") },
  { work: "a new Function for each call: main thread", target: "at most 0.5 ms", judge: atLeastOnce(0.5, "text", "ms") },
  { work: "a new Function for each call: heap that it keeps", target: "at most 100 bytes", judge: atLeastOnce(100, "kept", "bytes") },
  { work: "first call: memory of its worker", target: "at most 0.3 MB above raw Worker", judge: above(0.3, "memory", "MB", "raw postMessage") },
  { work: "first process worker", target: "at most 1.2 × fork to its first message", judge: firstCall(1.2, "process", "ms", "raw fork, advanced", "offloop, processes") },
];
