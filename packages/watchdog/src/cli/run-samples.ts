// The samples of all processes of a run, as one. A process whose loop is held keeps its last pools and tasks.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallFigures, Durations, FunctionFigures, Sample } from "../protocol/sample.js";
import { LOOKS, SAMPLE_FILE, SERVES_SAMPLES } from "../protocol/spool.js";

const NO_CALLS: CallFigures = Object.freeze({ executors: [], outcomes: [], requeues: [], exits: [], functions: [], spans: [], leftOut: 0 });

/** The samples in the spool of one run. */
export class RunSamples {
  readonly #folder: string;
  readonly #isAlive: (pid: number) => boolean;
  /** By process. */
  readonly #last = new Map<number, Sample>();

  /** @param folder the spool, before a process uses it */
  constructor(folder: string, isAlive: (pid: number) => boolean) {
    this.#folder = folder;
    this.#isAlive = isAlive;
    writeFileSync(join(folder, SERVES_SAMPLES), "");
  }

  /** Somebody looks. */
  look(): void {
    writeFileSync(join(this.#folder, LOOKS), "");
  }

  /** Nobody looks any more. */
  leave(): void {
    rmSync(join(this.#folder, LOOKS), { force: true });
    this.#last.clear();
  }

  /** The sample of all processes, with the calls since the last one; `undefined`: no process has written another. */
  read(): Sample | undefined {
    const calls = new Map<number, CallFigures>();
    for (const [pid, sample] of this.#written()) {
      this.#last.set(pid, sample);
      calls.set(pid, sample.calls);
    }
    for (const pid of this.#last.keys()) if (!this.#isAlive(pid)) this.#last.delete(pid);
    return calls.size === 0 || this.#last.size === 0 ? undefined : mergeSamples([...this.#last].map(([pid, sample]) => [pid, { ...sample, calls: calls.get(pid) ?? { ...NO_CALLS, functions: sample.calls.functions } }]));
  }

  *#written(): Generator<readonly [pid: number, Sample]> {
    for (const name of namesIn(this.#folder)) {
      if (!name.endsWith(SAMPLE_FILE)) continue;
      const file = join(this.#folder, name);
      const sample = JSON.parse(readFileSync(file, "utf8")) as Sample;
      rmSync(file);
      yield [Number.parseInt(name, 10), sample];
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // somebody has removed it
  }
}

/** One sample of several processes: sums, and the worst delay. If several have pools, each pool has its process. */
export function mergeSamples(samples: readonly (readonly [pid: number, sample: Sample])[]): Sample {
  const all = samples.map(([, sample]) => sample);
  const isAlone = samples.filter(([, { pools }]) => pools.length > 0).length < 2;
  const each = <T extends object>(list: (sample: Sample) => readonly T[]): (T & { readonly process: number | undefined })[] => samples.flatMap(([pid, sample]) => list(sample).map((item) => ({ ...item, process: isAlone ? undefined : pid })));
  const sum = (read: (sample: Sample) => number): number => all.reduce((total, sample) => total + read(sample), 0);
  const most = (read: (sample: Sample) => number): number => Math.max(...all.map(read));
  return {
    at: most(({ at }) => at),
    upMs: most(({ upMs }) => upMs),
    delay: all.map(({ delay }) => delay).reduce(worse, null),
    utilization: most(({ utilization }) => utilization),
    heapUsedBytes: sum(({ heapUsedBytes }) => heapUsedBytes),
    rssBytes: sum(({ rssBytes }) => rssBytes),
    pools: each(({ pools }) => pools),
    taskCount: sum(({ taskCount }) => taskCount),
    waits: mergeWaits(all),
    calls: {
      executors: each(({ calls }) => calls.executors),
      outcomes: all.flatMap(({ calls }) => calls.outcomes),
      requeues: all.flatMap(({ calls }) => calls.requeues),
      exits: all.flatMap(({ calls }) => calls.exits),
      functions: mergeFunctions(all.flatMap(({ calls }) => calls.functions)),
      spans: each(({ calls }) => calls.spans),
      leftOut: sum(({ calls }) => calls.leftOut),
    },
  };
}

function worse(one: Durations | null, other: Durations | null): Durations | null {
  return one === null || (other !== null && other.longestMs > one.longestMs) ? other : one;
}

function mergeWaits(samples: readonly Sample[]): [what: string, count: number][] {
  const counts = new Map<string, number>();
  for (const [what, count] of samples.flatMap(({ waits }) => waits)) counts.set(what, (counts.get(what) ?? 0) + count);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function mergeFunctions(figures: readonly FunctionFigures[]): FunctionFigures[] {
  const merged = new Map<string, FunctionFigures>();
  for (const each of figures) {
    const other = merged.get(each.name);
    const [count, totalMs] = [each.count + (other?.count ?? 0), each.totalMs + (other?.totalMs ?? 0)];
    merged.set(each.name, { name: each.name, count, totalMs, meanMs: count === 0 ? Math.max(each.meanMs, other?.meanMs ?? 0) : totalMs / count, longestMs: Math.max(each.longestMs, other?.longestMs ?? 0) });
  }
  return [...merged.values()];
}
