// The view of `offloop top`: what is shown of the samples, and which key changes what. It knows no terminal.
import type { Durations, FunctionFigures, PoolState, Sample, WorkerState } from "../protocol/sample.js";
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

/** What the command does after a key. `dump`: shows the stacks of all threads, or of the thread or process of one worker. */
export type Next = "quit" | "draw" | { readonly dump: WorkerState | undefined };

/** The orders of the functions, with the figure by which each sorts. */
const orders = { longest: "longestMs", mean: "meanMs", total: "totalMs", calls: "count" } as const satisfies Record<string, keyof FunctionFigures>;
const orderNames = Object.keys(orders) as (keyof typeof orders)[];

const MOST_ROWS = 10;

/** What the keys do. */
const KEYS = "s sort   p pause   ↑↓ choose a worker   d dump its stack, or all   q quit";

export class TopView {
  readonly #title: string;
  readonly #cwd: string;
  #last: Moment | undefined;
  /** When the process answered last, or the view began. */
  #answeredAt: number | undefined;
  /** Whether the last moment is without an answer. */
  #isSilent = false;
  /** The calls settled a second, by kind of executor. */
  #perSecond = new Map<string, number>();
  /** The last known wait and run times, by kind of executor. */
  readonly #times = new Map<string, { readonly wait: Durations | undefined; readonly run: Durations | undefined }>();
  #order: keyof typeof orders = "longest";
  #isPaused = false;
  /** The worker that is chosen: its place in the list of all workers. */
  #chosen: number | undefined;

  constructor(title: string, cwd: string) {
    this.#title = title;
    this.#cwd = cwd;
  }

  /** Takes the next moment, unless the view is paused. */
  take(moment: Moment): void {
    if (this.#isPaused) return;
    const before = this.#last?.sample;
    const { sample } = moment;
    this.#isSilent = sample === undefined;
    if (sample !== undefined || this.#answeredAt === undefined) this.#answeredAt = moment.at;
    if (sample !== undefined) {
      const elapsedMs = before === undefined ? 0 : sample.at - before.at;
      this.#perSecond = new Map(sample.calls.executors.map(({ executor, settled }) => [executor, elapsedMs > 0 ? (settled * 1000) / elapsedMs : 0]));
      for (const { executor, wait, run } of sample.calls.executors) this.#times.set(executor, { wait, run });
    }
    this.#last = { ...moment, sample: sample ?? before };
    if (this.#chosen !== undefined) this.#chosen = within(this.#chosen, this.#workers().length);
  }

  /** @param key as the terminal sends it */
  press(key: string): Next {
    if (key === "q" || key === "\u0003") return "quit";
    if (key === "d") return { dump: this.#chosen === undefined ? undefined : this.#workers()[this.#chosen] };
    if (key === "p") this.#isPaused = !this.#isPaused;
    if (key === "s") this.#order = orderNames[(orderNames.indexOf(this.#order) + 1) % orderNames.length]!;
    if (key === "\u001b[B" || key === "j") this.#chosen = within((this.#chosen ?? -1) + 1, this.#workers().length);
    if (key === "\u001b[A" || key === "k") this.#chosen = this.#chosen === undefined || this.#chosen === 0 ? undefined : this.#chosen - 1;
    return "draw";
  }

  /** The last moment in one line. */
  line(): string {
    const { at: time, sample, stall } = this.#last!;
    const parts = [new Date(time).toISOString().slice(11, 19), ...(stall === undefined && !this.#isSilent ? [] : [this.#state(stall)])];
    if (sample !== undefined) {
      const sum = (of: (pool: PoolState) => number): number => sample.pools.reduce((total, pool) => total + of(pool), 0);
      parts.push(delays(sample), `heap ${megabytes(sample.heapUsedBytes)}`);
      if (sample.pools.length > 0) parts.push(`${sum(running)} of ${sum(({ workers }) => workers.length)} workers busy, ${sum(({ queued }) => queued)} wait, ${this.#rate()} calls/s`);
      for (const { executor, wait, run } of sample.calls.executors) if (wait !== undefined) parts.push(`${printable(executor)} ${times("wait", wait)} ${times("run", run)}`);
      if (sample.taskCount > 0) parts.push(`${sample.taskCount} tasks`);
    }
    return parts.join("  ");
  }

  /** The view as a page of at most `rows` lines of at most `columns` characters. */
  page(columns: number, rows: number): string[] {
    if (this.#last === undefined) return [this.#title, "", KEYS].map((line) => line.slice(0, columns));
    const { at: time, sample, stall, worst } = this.#last;
    const lines = [`${new Date(time).toISOString().slice(11, 19)}  ${this.#title}${this.#isPaused ? "  (paused)" : ""}`, this.#state(stall)];
    if (sample !== undefined) {
      lines.push(`${delays(sample)}  heap ${megabytes(sample.heapUsedBytes)}  resident ${megabytes(sample.rssBytes)}`);
      for (const pool of sample.pools) lines.push("", ...this.#pool(pool));
      if (sample.calls.functions.length > 0) lines.push("", ...this.#slowest(sample.calls.functions));
      if (sample.taskCount > 0) lines.push("", `tasks: ${sample.taskCount}`, ...sample.waits.slice(0, MOST_ROWS).map(([what, count]) => `  ${String(count).padStart(6)}  ${printable(what)}`));
    }
    if (worst.length > 0) lines.push("", "   total  longest  stalls  place", ...worst.slice(0, MOST_ROWS).map((each) => `${ms(each.totalMs).padStart(8)} ${ms(each.longestMs).padStart(8)} ${String(each.count).padStart(7)}  ${each.place === undefined ? each.kind : at(each.place, this.#cwd)}`));
    return [...lines.slice(0, rows - 2), "", KEYS].map((line) => line.slice(0, columns));
  }

  #state(stall: Stall | undefined): string {
    if (stall === undefined) return this.#isSilent ? `no answer for ${ms(this.#last!.at - this.#answeredAt!)}` : "the event loop turns";
    return `held for ${ms(this.#last!.at - stall.startedAt)}${stall.place === undefined ? "" : ` by ${at(stall.place, this.#cwd)}`}`;
  }

  #rate(executor?: string): string {
    const rates = executor === undefined ? [...this.#perSecond.values()] : [this.#perSecond.get(executor) ?? 0];
    return String(Math.round(rates.reduce((sum, rate) => sum + rate, 0)));
  }

  /** All workers that the page shows, in its order. */
  #workers(): WorkerState[] {
    return (this.#last?.sample?.pools ?? []).flatMap(({ workers }) => workers.slice(0, MOST_ROWS));
  }

  #pool(pool: PoolState): string[] {
    const { kind, name = kind, workers, maxWorkers, queued } = pool;
    const { wait, run } = this.#times.get(name) ?? {};
    const chosen = this.#chosen === undefined ? undefined : this.#workers()[this.#chosen];
    return [
      `${printable(name)} pool: ${workers.length} of ${maxWorkers} workers, ${running(pool)} busy, ${queued} ${queued === 1 ? "call waits" : "calls wait"}, ${this.#rate(name)} calls/s${wait === undefined ? "" : `  ${times("wait", wait)}  ${times("run", run)}`}`,
      ...workers.slice(0, MOST_ROWS).map((worker) => `${worker === chosen ? ">" : " "} worker ${worker.id}  ${doing(worker)}`),
      ...(workers.length > MOST_ROWS ? [`  … ${workers.length - MOST_ROWS} more`] : []),
    ];
  }

  #slowest(functions: readonly FunctionFigures[]): string[] {
    const key = orders[this.#order];
    const sorted = functions.toSorted((a, b) => b[key] - a[key]);
    return [
      `   longest     mean    total  calls  function (by ${this.#order})`,
      ...sorted.slice(0, MOST_ROWS).map(({ name, longestMs, meanMs, totalMs, count }) => `  ${ms(longestMs).padStart(8)} ${(meanMs === 0 ? "–" : ms(meanMs)).padStart(8)} ${ms(totalMs).padStart(8)} ${String(count).padStart(6)}  ${printable(name)}`),
    ];
  }
}

const running = ({ workers }: PoolState): number => workers.filter(({ call }) => call !== undefined).length;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const within = (index: number, length: number): number | undefined => (length === 0 ? undefined : Math.min(index, length - 1));

function doing({ phase, call, runMs, held }: WorkerState): string {
  if (call === undefined) return phase;
  return `${printable(call)}${runMs === undefined ? "" : `  ${ms(runMs)}`}${held > 0 ? `  and ${held} more` : ""}`;
}

function times(what: string, durations: Durations | undefined): string {
  return durations === undefined ? `${what} –` : `${what} ${short(durations.meanMs)} (p99 ${short(durations.p99Ms)})`;
}

const short = (duration: number): string => (duration < 10 ? `${duration.toFixed(1)} ms` : ms(duration));

function delays({ delay, utilization }: Sample): string {
  const measured = delay === null ? "" : `delay ${delay.meanMs.toFixed(1)} ms  p99 ${delay.p99Ms.toFixed(1)} ms  longest ${delay.longestMs.toFixed(1)} ms  `;
  return `${measured}utilisation ${Math.round(utilization * 100)} %`;
}
