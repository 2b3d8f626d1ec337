// `offloop watch server.js -- args`: runs the program as a child process with the watchdog preloaded. Reads
// its events from a pipe and prints the summary, also when a signal ended the program.
//
//   this process ── spawn, OFFLOOP_* ──▶ node --import …/register.js script
//                ◀── fd 3: a line of JSON for each event ── its watching thread (report/sinks.ts)
import { spawn, type ChildProcess, type SendHandle, type Serializable } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { parseArgs } from "node:util";
import type { Stall } from "../protocol/stall.js";
import { formatSummary } from "../report/summary.js";
import { PlaceBook } from "../place/place-book.js";
import { UsageError } from "./usage.js";

const EVENTS_FD = 3;

/** Signals that are passed on to the child in any case. */
const forwarded = ["SIGTERM", "SIGHUP", "SIGUSR2"] as const;

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

/** @throws UsageError the arguments cannot be read */
export function watch(args: readonly string[]): void {
  const { values, script, rest } = parse(args);
  for (const option of ["html", "profile", "json"] as const) checkWritable(option, values[option]);
  const startedAt = Date.now();
  const book = new PlaceBook(0);
  let stalledMs = 0;
  const preload = new URL("../register.js", import.meta.url).href;
  const child = spawn(process.execPath, [...(values.node ?? []), "--import", preload, script, ...rest], {
    stdio: ["inherit", "inherit", "inherit", "pipe", ...(process.send === undefined ? [] : (["ipc"] as const))],
    env: { ...process.env, ...environmentOf(values), OFFLOOP_SUMMARY: "0", OFFLOOP_EVENTS_FD: String(EVENTS_FD) },
  });
  const events = createInterface({ input: child.stdio[EVENTS_FD] as Readable });
  events.on("line", (line) => {
    const stall = endOf(line);
    if (!stall) return;
    stalledMs += stall.durationMs;
    book.enter(stall, stall.durationMs, true, false);
  });
  passSignals(child);
  if (process.send !== undefined) passMessages(child);
  child.once("error", (error) => {
    process.stderr.write(`offloop: node could not be started: ${error.message}. Check that ${process.execPath} can be run.\n`);
    process.exitCode = 1;
  });
  // Node's "close" event does not come after disconnect().
  const ended = new Promise<[code: number | null, signal: NodeJS.Signals | null]>((resolve) => child.once("exit", (code, signal) => resolve([code, signal])));
  const told = new Promise((resolve) => events.once("close", resolve));
  void Promise.all([ended, told]).then(([[code, signal]]) => {
    if (values["no-summary"] !== true) {
      const color = process.stderr.isTTY === true;
      process.stderr.write(`${formatSummary(book.worst(), { cwd: process.cwd(), color, upMs: Date.now() - startedAt, stalledMs })}\n`);
    }
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
function checkWritable(option: string, file: string | undefined): void {
  if (file === undefined) return;
  const existed = existsSync(file);
  try {
    closeSync(openSync(file, "a"));
    if (!existed) rmSync(file);
  } catch (cause) {
    throw new UsageError(`--${option} cannot write ${file}: ${(cause as Error).message}. Choose a file in a folder that exists and that you may write to.`, { cause });
  }
}

/** The index of the first argument that is neither a flag nor the value of a flag. The arguments after it belong to the script. */
function scriptIndex(args: readonly string[]): number {
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (!arg.startsWith("-")) return index;
    const flag = flags[arg.slice(2) as keyof typeof flags];
    if (flag?.type === "string") index++;
  }
  return index;
}

function environmentOf(values: ReturnType<typeof parse>["values"]): Record<string, string> {
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

/** The stall, if the line is an end event. A line is incomplete if the child was killed while it wrote. */
function endOf(line: string): Stall | undefined {
  try {
    const event = JSON.parse(line) as Stall & { readonly event: string };
    return event.event === "stall-end" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** A terminal sends SIGINT and SIGQUIT to both processes. Where there is none, they were sent to this process alone. */
function passSignals(child: ChildProcess): void {
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => hasTerminal || child.kill(signal));
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
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
