// The view of `offloop top`: what is shown of the samples, and which key changes what. It knows no terminal.
import type { PoolState, TaskState } from "../outside/dump.js";
import type { Sample } from "../outside/sample.js";
import type { PlaceSummary } from "../place/place-book.js";
import type { Stall } from "../protocol/stall.js";
import { at, ms, printable } from "../report/console.js";

/** What is known at one time. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The answer of the process; `undefined`: it has not answered since the last one, because its loop is held. */
  readonly sample: Sample | undefined;
  /** The stall that lasts. */
  readonly stall: Stall | undefined;
  readonly worst: readonly PlaceSummary[];
}

/** The orders of the functions. */
const orders = ["longest", "mean"] as const;

interface Seen {
  readonly name: string;
  readonly longestMs: number;
  /** 0: no call has ended. */
  readonly meanMs: number;
}

const MOST_ROWS = 10;

/** What the keys do. */
export const KEYS = "s sort   p pause   d dump the threads   q quit";

export class TopView {
  readonly #title: string;
  readonly #cwd: string;
  readonly #functions = new Map<string, Seen>();
  #last: Moment | undefined;
  #settledPerSecond = new Map<number, number>();
  #order: (typeof orders)[number] = "longest";
  #isPaused = false;

  constructor(title: string, cwd: string) {
    this.#title = title;
    this.#cwd = cwd;
  }

  /** Takes the next moment, unless the view is paused. */
  take(moment: Moment): void {
    if (this.#isPaused) return;
    const before = this.#last?.sample;
    const { sample } = moment;
    if (sample !== undefined) {
      if (before !== undefined && sample.upMs > before.upMs) {
        this.#settledPerSecond = new Map(sample.pools.map(({ settled }, index) => [index, (Math.max(0, settled - (before.pools[index]?.settled ?? settled)) * 1000) / (sample.upMs - before.upMs)]));
      }
      for (const pool of sample.pools) this.#count(pool);
    }
    this.#last = { ...moment, sample: sample ?? before };
  }

  /** @returns what the command does next */
  press(key: string): "quit" | "dump" | "draw" {
    if (key === "q" || key === "\u0003") return "quit";
    if (key === "d") return "dump";
    if (key === "p") this.#isPaused = !this.#isPaused;
    if (key === "s") this.#order = orders[(orders.indexOf(this.#order) + 1) % orders.length]!;
    return "draw";
  }

  /** The last moment in one line. */
  line(): string {
    const { at: time, sample, stall } = this.#last!;
    const parts = [new Date(time).toISOString().slice(11, 19), ...(stall === undefined ? [] : [this.#held(stall)])];
    if (sample !== undefined) {
      const sum = (of: (pool: PoolState) => number): number => sample.pools.reduce((total, pool) => total + of(pool), 0);
      parts.push(delays(sample), `heap ${megabytes(sample.heapUsedBytes)}`);
      if (sample.pools.length > 0) parts.push(`${sum(running)} of ${sum(({ workers }) => workers.length)} workers busy, ${sum(({ queued }) => queued)} wait, ${this.#rate()} calls/s`);
      if (sample.taskCount > 0) parts.push(`${sample.taskCount} tasks`);
    }
    return parts.join("  ");
  }

  /** The view as a page of at most `rows` lines of at most `columns` characters. */
  page(columns: number, rows: number): string[] {
    if (this.#last === undefined) return [this.#title, "", KEYS].map((line) => line.slice(0, columns));
    const { at: time, sample, stall, worst } = this.#last;
    const lines = [`${new Date(time).toISOString().slice(11, 19)}  ${this.#title}${this.#isPaused ? "  (paused)" : ""}`, stall === undefined ? "the event loop turns" : this.#held(stall)];
    if (sample !== undefined) {
      lines.push(`${delays(sample)}  heap ${megabytes(sample.heapUsedBytes)}  resident ${megabytes(sample.rssBytes)}`);
      sample.pools.forEach((pool, index) => lines.push("", ...this.#pool(pool, index)));
      if (this.#functions.size > 0) lines.push("", ...this.#slowest());
      if (sample.taskCount > 0) lines.push("", `tasks: ${sample.taskCount}`, ...byWait(sample.tasks).slice(0, MOST_ROWS).map(([what, count]) => `  ${String(count).padStart(6)}  ${what}`));
    }
    if (worst.length > 0) lines.push("", "   total  longest  stalls  place", ...worst.slice(0, MOST_ROWS).map((each) => `${ms(each.totalMs).padStart(8)} ${ms(each.longestMs).padStart(8)} ${String(each.count).padStart(7)}  ${each.place === undefined ? each.kind : at(each.place, this.#cwd)}`));
    return [...lines.slice(0, rows - 2), "", KEYS].map((line) => line.slice(0, columns));
  }

  #held(stall: Stall): string {
    return `held for ${ms(this.#last!.at - stall.startedAt)}${stall.place === undefined ? "" : ` by ${at(stall.place, this.#cwd)}`}`;
  }

  #rate(index?: number): string {
    const rates = index === undefined ? [...this.#settledPerSecond.values()] : [this.#settledPerSecond.get(index) ?? 0];
    return String(Math.round(rates.reduce((sum, rate) => sum + rate, 0)));
  }

  #pool(pool: PoolState, index: number): string[] {
    const { kind, workers, maxWorkers, queued } = pool;
    return [
      `${printable(kind)} pool: ${workers.length} of ${maxWorkers} workers, ${running(pool)} busy, ${queued} ${queued === 1 ? "call waits" : "calls wait"}, ${this.#rate(index)} calls/s`,
      ...workers.slice(0, MOST_ROWS).map(({ id, phase, call, runMs }) => `  worker ${id}  ${call === undefined ? phase : `${printable(call)}${runMs === undefined ? "" : `  ${ms(runMs)}`}`}`),
    ];
  }

  /** Notes the calls that run. Short calls between two samples are not seen. */
  #count({ workers }: PoolState): void {
    for (const { call, runMs, meanMs } of workers) {
      if (call === undefined || runMs === undefined) continue;
      const seen = this.#functions.get(call) ?? { name: call, longestMs: 0, meanMs: 0 };
      this.#functions.set(call, { name: call, longestMs: Math.max(seen.longestMs, runMs), meanMs: meanMs ?? seen.meanMs });
    }
  }

  #slowest(): string[] {
    const key = this.#order === "longest" ? "longestMs" : "meanMs";
    const sorted = [...this.#functions.values()].sort((a, b) => b[key] - a[key]);
    return [`   longest     mean  function (by ${this.#order})`, ...sorted.slice(0, MOST_ROWS).map(({ name, longestMs, meanMs }) => `  ${ms(longestMs).padStart(8)} ${meanMs === 0 ? "       –" : ms(meanMs).padStart(8)}  ${printable(name)}`)];
  }
}

const running = ({ workers }: PoolState): number => workers.filter(({ call }) => call !== undefined).length;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function delays({ delay, utilization }: Sample): string {
  const measured = delay === null ? "" : `delay ${delay.meanMs.toFixed(1)} ms  p99 ${delay.p99Ms.toFixed(1)} ms  longest ${delay.maxMs.toFixed(1)} ms  `;
  return `${measured}utilisation ${Math.round(utilization * 100)} %`;
}

/** The number of tasks by what they wait for, the most frequent first. */
function byWait(tasks: readonly TaskState[]): [what: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { waitsFor, awaits, stack } of tasks) {
    const what = stack[0] ?? waitsFor[0] ?? (awaits.length > 0 ? "another task" : "a promise, or runs");
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([what, count]) => [printable(what), count]);
}
