// Runs programs under the preload, and compares the watchdog's reports with the marks in their sources. The comment
// `// stall <kind>[|kind] <function>[|function] [task=<name>]` marks each line that is a correct place. Programs in
// quiet/ must not be reported.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stall } from "@offloop/watchdog";

const folder = fileURLToPath(new URL("./fixtures/stalls/", import.meta.url));
const preload = new URL("../dist/register.js", import.meta.url).href;
const compiler = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));

/** Whether this Node runs TypeScript by itself. */
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/** Milliseconds after which a program is killed. One program hangs on purpose, and is killed after its report. */
const longestRunMs = 15_000;

export interface Scenario {
  readonly name: string;
  /** The source with the marks. */
  readonly source: string;
  /** The file that runs: the source, or its compiled form. */
  readonly file: string;
  readonly quiet: boolean;
}

export interface Outcome {
  readonly scenario: Scenario;
  /** Whether any stall was reported. */
  readonly detected: boolean;
  /** Whether most of its reports have a marked line, function and kind. */
  readonly attributed: boolean;
  /** Reports without a stall, or with a place that is neither marked nor reported as approximate. */
  readonly falseReports: readonly Stall[];
  readonly stalls: readonly Stall[];
  /** The output of the program, and its exit code or signal if it failed. */
  readonly stderr: string;
  /** Whether the program waited for a CPU for so long that the run shows nothing. */
  readonly starved: boolean;
}

interface Expected {
  readonly file: string;
  readonly line: number;
  readonly kinds: readonly string[];
  readonly functions: readonly string[];
  readonly task: string | undefined;
}

/** All programs; TypeScript is compiled into a folder that `done` removes, and run as it is too where Node can. */
export function prepareScenarios(): { readonly scenarios: readonly Scenario[]; done(): void } {
  const compiled = mkdtempSync(join(tmpdir(), "offloop-scenarios-"));
  const sources = readdirSync(join(folder, "ts")).map((file) => join(folder, "ts", file));
  execFileSync(process.execPath, [compiler, ...sources, "--outDir", compiled, "--rootDir", join(folder, "ts"), "--sourceMap", "--module", "nodenext", "--target", "es2022", "--moduleResolution", "nodenext", "--types", "node", "--ignoreConfig"], { stdio: "pipe" });
  const scenarios = ["esm", "cjs", "ts", "quiet"].flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((file) => /\.(mjs|cjs|ts)$/.test(file))
      .map((file): Scenario => {
        const source = join(folder, kind, file);
        return { name: `${kind}/${file}`, source, file: kind === "ts" ? join(compiled, file.replace(/ts$/, "js")) : source, quiet: kind === "quiet" };
      }),
  );
  const stripped = stripsTypes ? sources.map((source): Scenario => ({ name: `stripped/${basename(source)}`, source, file: source, quiet: false })) : [];
  return { scenarios: [...scenarios, ...stripped], done: () => rmSync(compiled, { recursive: true, force: true }) };
}

export async function runScenario(scenario: Scenario): Promise<Outcome> {
  const work = mkdtempSync(join(tmpdir(), "offloop-scenario-"));
  const events = join(work, "events.jsonl");
  try {
    const stderr = await runUntilReported(scenario, events);
    return judge(scenario, readEvents(events), stderr);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runUntilReported(scenario: Scenario, events: string): Promise<string> {
  const child = spawn(process.execPath, ["--import", preload, scenario.file], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "test", NODE_OPTIONS: "", OFFLOOP_THRESHOLD_MS: "100", OFFLOOP_REPORT: "silent", OFFLOOP_SUMMARY: "0", OFFLOOP_JSON_FILE: events },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const deadline = setTimeout(() => child.kill("SIGKILL"), longestRunMs);
  const endless = basename(scenario.file).startsWith("endless")
    ? setInterval(() => readEvents(events).length > 0 && child.kill("SIGKILL"), 50)
    : undefined;
  return new Promise((resolve) =>
    child.once("close", (code, signal) => {
      clearTimeout(deadline);
      clearInterval(endless);
      resolve(`${stderr}${code === 0 || endless ? "" : `\nended with ${code ?? signal}`}`);
    }),
  );
}

function readEvents(file: string): (Stall & { readonly event: string })[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Stall & { readonly event: string });
}

function judge(scenario: Scenario, events: readonly (Stall & { readonly event: string })[], stderr: string): Outcome {
  const expected = expectedOf(scenario.source);
  // The last event of each stall: its end, or its begin if it never ends.
  const byId = new Map(events.filter(({ event }) => event.startsWith("stall-")).map((event) => [event.id, event]));
  // A machine that gives the program no CPU is not what is tested here.
  const stalls = [...byId.values()].filter(({ kind }) => kind !== "starved");
  const right = stalls.filter((stall) => expected.some((one) => matches(stall, one)));
  return {
    scenario,
    detected: stalls.length > 0,
    attributed: right.length > 0 && right.length >= stalls.length / 2,
    falseReports: scenario.quiet ? stalls : stalls.filter((stall) => stall.place !== undefined && !stall.approximate && !right.includes(stall)),
    stalls,
    stderr,
    starved: stalls.length < byId.size,
  };
}

/** The marks of a program, and of a file beside it that its `marks:` names. */
function expectedOf(source: string): Expected[] {
  const program = readFileSync(source, "utf8");
  const other = /^\/\/.* marks: (\S+)$/m.exec(program)?.[1];
  return [...marksIn(source, program), ...(other === undefined ? [] : marksIn(join(dirname(source), other)))];
}

function marksIn(file: string, text = readFileSync(file, "utf8")): Expected[] {
  return text.split("\n").flatMap((text, index) => {
    const match = /\/\/ stall (\S+)(?: ([^\s=]*))?(?: task=(\S+))?$/.exec(text);
    return match ? [{ file, line: index + 1, kinds: match[1]!.split("|"), functions: (match[2] ?? "").split("|"), task: match[3] }] : [];
  });
}

function matches({ place, kind, task }: Stall, expected: Expected): boolean {
  if (!place) return false;
  return (
    place.file === expected.file &&
    place.line === expected.line &&
    expected.functions.includes(place.function) &&
    expected.kinds.includes(kind) &&
    (expected.task === undefined || task === expected.task)
  );
}
