// `offloop watch server.js -- args`: runs a program with the watchdog preloaded into each of its processes. Reads their
// events from files, writes the report files, and prints the summary, also when a signal ended the program.
//
//   this process ── spawn, NODE_OPTIONS, OFFLOOP_* ──▶ program ──▶ its child processes
//                ◀── spool (protocol/spool.ts) ─────── the watching thread of each (report/sinks.ts)
import { spawn, type ChildProcess, type SendHandle, type Serializable } from "node:child_process";
import { parseArgs } from "node:util";
import { resolveWatchdogOptions } from "../protocol/options.js";
import { SPOOL_VARIABLE } from "../protocol/spool.js";
import { checkWritable } from "../protocol/writable.js";
import { ReportFiles } from "../report/report-files.js";
import { LiveFeed } from "../report/live-feed.js";
import { serve } from "../report/serve.js";
import { optionsFromEnvironment } from "../watched/environment.js";
import { commandLine, streams } from "./program.js";
import { RunReport } from "./run-report.js";
import { RunSamples } from "./run-samples.js";
import { passSignals } from "./signals.js";
import { Spool } from "./spool.js";
import { UsageError } from "./usage.js";

/** Milliseconds between two reads of the events. */
const READ_EVERY_MS = 200;

const flags = {
  threshold: { type: "string" },
  "startup-threshold": { type: "string" },
  report: { type: "string" },
  "sync-calls": { type: "boolean" },
  breadcrumbs: { type: "string" },
  requests: { type: "string" },
  html: { type: "string" },
  profile: { type: "string" },
  json: { type: "string" },
  serve: { type: "string" },
  "no-summary": { type: "boolean" },
  node: { type: "string", multiple: true },
} as const;

/** @throws UsageError the arguments cannot be read, or a file cannot be written */
export function watch(args: readonly string[]): void {
  const { values, script, rest } = parse(args);
  for (const option of ["html", "profile", "json"] as const) check(option, values[option]);
  const options = resolveWatchdogOptions(optionsFromEnvironment({ ...process.env, ...variablesOf(values) }));
  // A reader of standard error that goes away loses the reports. The program's exit code stays.
  process.stderr.on("error", () => {});
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const startedAt = Date.now();
  const spool = new Spool({ wantsDelays: options.htmlFile !== undefined || options.serve !== undefined });
  const report = new RunReport({ cwd: process.cwd(), color: process.stderr.isTTY === true, program: script, say: (text) => options.report !== "silent" && say(text), isAlive });
  const files = new ReportFiles((text) => say(`offloop: ${text}`));
  report.writeTo(files, options.htmlFile, options.profileFile);
  let readSamples = (): void => {};
  if (options.serve !== undefined) {
    const samples = new RunSamples(spool.folder, isAlive);
    const source = { watch: report, book: report.book, history: report.history };
    const feed = new LiveFeed({ ...source, program: script, cwd: process.cwd(), thresholdMs: options.thresholdMs, ask: () => samples.look(), release: () => samples.leave() });
    readSamples = () => {
      const sample = samples.read();
      if (sample !== undefined) feed.sampling.sampled(sample);
    };
    serve(options.serve, { ...source, feed, listening: (url: string) => say(`offloop: ${url} shows the live page, and serves /healthz, /metrics and /stalls`) });
  }
  const read = (): void => {
    let changed = false;
    for (const [file, line] of spool.read()) changed = report.take(file, line) || changed;
    if (report.endOfProcesses() || changed) files.changed();
    readSamples();
  };
  const reading = setInterval(read, READ_EVERY_MS);

  const { command, args: all, nodeOptions } = commandLine(script, rest, values.node ?? [], new URL("../register.js", import.meta.url).href);
  const child = spawn(command, all, { stdio: streams(), env: { ...process.env, ...variablesOf(values), ...takenOver(options), NODE_OPTIONS: nodeOptions, [SPOOL_VARIABLE]: spool.folder } });
  passSignals(child);
  if (process.send !== undefined) passMessages(child);
  const ended = (): void => {
    clearInterval(reading);
    read();
    files.write();
    spool[Symbol.dispose]();
  };
  child.once("error", (error) => {
    ended();
    say(`offloop: ${command} could not be started: ${error.message}. Check that it can be run.`);
    process.exit(1);
  });
  // Node's "close" event does not come after disconnect().
  child.once("exit", (code, signal) => {
    ended();
    if (values["no-summary"] !== true) say(report.summary(Date.now() - startedAt));
    endLike(code, signal);
  });
}

function parse(args: readonly string[]) {
  const at = scriptIndex(args);
  const script = args[at];
  if (script === undefined) throw new UsageError("The script to watch is missing. Write: offloop watch server.js");
  const rest = args.slice(at + 1);
  try {
    const { values } = parseArgs({ args: args.slice(0, at), options: flags, strict: true, allowPositionals: false });
    return { values, script, rest: rest[0] === "--" ? rest.slice(1) : rest };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The files are written while the program runs. A path that cannot be written is an error before that. @throws UsageError */
function check(option: string, file: string | undefined): void {
  if (file === undefined) return;
  try {
    checkWritable(file);
  } catch (cause) {
    throw new UsageError(`--${option} cannot write ${file}: ${(cause as Error).message}. Choose a file in a folder that exists and that you may write to.`, { cause });
  }
}

/** The index of the first argument that is neither a flag nor the value of a flag. The arguments after it belong to the script. */
export function scriptIndex(args: readonly string[]): number {
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (!arg.startsWith("-")) return index;
    const flag = flags[arg.slice(2) as keyof typeof flags];
    if (flag?.type === "string") index++;
  }
  return index;
}

/** The options as variables, which the processes of the program inherit. */
function variablesOf(values: ReturnType<typeof parse>["values"]): Record<string, string> {
  const variables = {
    OFFLOOP_THRESHOLD_MS: values.threshold,
    OFFLOOP_STARTUP_THRESHOLD_MS: values["startup-threshold"],
    OFFLOOP_REPORT: values.report,
    OFFLOOP_SYNC_CALLS: values["sync-calls"] === true ? "report" : undefined,
    OFFLOOP_BREADCRUMBS: values.breadcrumbs,
    OFFLOOP_REQUESTS: values.requests,
    OFFLOOP_HTML_FILE: values.html,
    OFFLOOP_PROFILE_FILE: values.profile,
    OFFLOOP_JSON_FILE: values.json,
    OFFLOOP_SERVE: values.serve,
  };
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The variables of what the command does for all processes. They append to one file of events, also from other folders. */
function takenOver({ jsonFile }: { readonly jsonFile: string | undefined }): Record<string, string> {
  return { OFFLOOP_SUMMARY: "0", OFFLOOP_HTML_FILE: "", OFFLOOP_PROFILE_FILE: "", OFFLOOP_SERVE: "", OFFLOOP_JSON_FILE: jsonFile ?? "" };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** This process was started with an IPC channel, by fork() or a process manager: the program uses it as if it were its own. */
function passMessages(child: ChildProcess): void {
  child.on("message", (message, handle) => void process.send?.(message, handle as SendHandle));
  process.on("message", (message: Serializable, handle) => child.connected && child.send(message, handle as SendHandle));
  child.once("disconnect", () => process.connected && process.disconnect());
  process.once("disconnect", () => child.connected && child.disconnect());
}

/** Ends this process with the exit code of the child, or by the signal that ended it. */
function endLike(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
