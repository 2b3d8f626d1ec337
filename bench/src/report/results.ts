// The results of a run, written as JSON. A later run can be compared with them, or rendered together with them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import type { Measured } from "../measure/interleave.js";
import type { Effort, Metric, Suite } from "../suites/suite.js";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** The load average of the minute before the run. Above 0.2 for each core, the times are unreliable. */
  readonly loadBefore: number;
  /** Versions of the packages that took part. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface SuiteResults {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly metrics: readonly Metric[];
  readonly measured: readonly Measured[];
}

/** A part of the run that could not be measured. */
export interface LeftOut {
  readonly title: string;
  readonly why: string;
}

export interface Results {
  readonly machine: Machine;
  readonly effort: Effort;
  readonly suites: readonly SuiteResults[];
  /** The number of suites that the run should have. An interrupted run has fewer `suites`. */
  readonly planned: number;
  readonly leftOut: readonly LeftOut[];
  /** The output of the watchdog's bench, which is a program of its own. */
  readonly watchdog?: string;
  /** Minutes that the whole run took. */
  readonly minutes: number;
  /** Ids of suites that were run again after the others. */
  readonly again?: readonly string[];
}

/**
 * An earlier run with some of its suites run again, and suites that it did not have.
 * @throws Error the earlier run used another Node or another machine
 */
export function renewed(earlier: Results, machine: Machine, suites: readonly SuiteResults[], minutes: number): Results {
  if (earlier.machine.node !== machine.node || earlier.machine.cpu !== machine.cpu) throw new Error(`The earlier run was on ${earlier.machine.cpu} with Node.js ${earlier.machine.node}, and this one is on ${machine.cpu} with ${machine.node}: run all suites again`);
  const again = new Map(suites.map((suite) => [suite.id, suite]));
  return {
    ...earlier,
    suites: [...earlier.suites.map((suite) => again.get(suite.id) ?? suite), ...suites.filter(({ id }) => !earlier.suites.some((suite) => suite.id === id))],
    planned: earlier.planned + suites.filter(({ id }) => !earlier.suites.some((suite) => suite.id === id)).length,
    minutes: earlier.minutes + minutes,
    again: [...new Set([...(earlier.again ?? []), ...again.keys()])],
  };
}

const packages = ["@offloop/workers", "piscina", "tinypool", "workerpool", "poolifier", "threads", "jest-worker", "multithreading", "autocannon"];

export function describeMachine(): Machine {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split("-")[0]}`,
    node: process.version,
    loadBefore: Math.round(loadavg()[0]! * 10) / 10,
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

export function suiteResults({ id, title, about, metrics }: Suite, measured: readonly Measured[]): SuiteResults {
  // Only the first line of a failure is kept, because the stack names paths of this machine.
  const kept = measured.map((each) => (each.failure === undefined ? each : { ...each, failure: each.failure.split("\n", 1)[0]! }));
  return { id, title, about, metrics, measured: kept };
}

/** @throws Error the file has no results of a run */
export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, "utf8")) as Partial<Results>;
  if (!Array.isArray(results.suites)) throw new Error(`${file} is no result of a benchmark run: give a file that --json has written.`);
  return results as Results;
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")) as { version: string }).version;
    } catch {
      // looked for in the next folder
    }
  }
  return "unknown";
}
