// `offloop attach PID`: watches another process that runs already, and takes the watchdog out of it again.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { attachWatchdog } from "../outside/attach-watchdog.js";
import { PlaceBook } from "../place/place-book.js";
import { SampleTree } from "../place/sample-tree.js";
import type { SpoolLine } from "../protocol/spool.js";
import type { Stall } from "../protocol/stall.js";
import { LEAST_THRESHOLD_MS } from "../protocol/timing.js";
import { checkWritable } from "../protocol/writable.js";
import { formatEnd, formatStall } from "../report/console.js";
import { ReportFiles } from "../report/report-files.js";
import { RunReport } from "./run-report.js";
import { Spool } from "./spool.js";
import { numberOf, processId, untilInterrupted } from "./target-argument.js";
import { UsageError } from "./usage.js";

/** Milliseconds between two reads of the events. */
const READ_EVERY_MS = 200;

/** A place is reported again after this time, as by the watchdog. */
const REPEAT_AFTER_MS = 60_000;

const flags = { seconds: { type: "string" }, threshold: { type: "string" }, html: { type: "string" } } as const;

/** @throws UsageError the arguments cannot be read, or a file cannot be written */
export function attach(args: readonly string[]): void {
  const { pid, seconds, thresholdMs, html } = parse(args);
  const color = process.stderr.isTTY === true;
  const format = { cwd: process.cwd(), color };
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  untilInterrupted(async (cancelled) => {
    using spool = new Spool({ wantsDelays: html !== undefined });
    const attachment = await attachWatchdog(pid, { spool: spool.folder, thresholdMs, cancelled });
    const startedAt = Date.now();
    const report = new RunReport({ ...format, program: attachment.argv.slice(1).join(" "), say, isAlive: () => true });
    const files = new ReportFiles((text) => say(`offloop: ${text}`));
    report.writeTo(files, html, undefined);
    const live = liveReport(say, format);
    let open: { readonly file: string; readonly stall: Stall } | undefined;
    const read = (): void => {
      for (const [file, line] of spool.read()) {
        live(line);
        if (line.event === "stall-begin") open = { file, stall: line };
        else if (line.event === "stall-end") open = undefined;
        if (report.take(file, line)) files.changed();
      }
    };
    const reading = setInterval(read, READ_EVERY_MS);
    say(`offloop: watches process ${pid}${seconds === undefined ? " until this command is interrupted" : ` for ${seconds} s`}`);
    const interrupted = new Promise<void>((resolve) => (cancelled.aborted ? resolve() : cancelled.addEventListener("abort", () => resolve(), { once: true })));
    await Promise.race([attachment.ended, interrupted, ...(seconds === undefined ? [] : [pause(seconds * 1000, undefined, { ref: false })])]);
    const hasStopped = await attachment.stop();
    clearInterval(reading);
    read();
    // A stall that lasts counts too, with its duration so far.
    if (open !== undefined) report.take(open.file, { ...open.stall, event: "stall-end", durationMs: Date.now() - open.stall.startedAt, tree: new SampleTree().pack() });
    files.write();
    say(report.summary(Date.now() - startedAt));
    if (!hasStopped) say(`offloop: the event loop of process ${pid} is held, and the watchdog ends in it when the loop turns again.`);
  });
}

function parse(args: readonly string[]) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`attach: ${(error as Error).message}`);
  }
  const { values, positionals } = parsed;
  const pid = processId("attach", positionals);
  if (values.html !== undefined) {
    try {
      checkWritable(values.html);
    } catch (cause) {
      throw new UsageError(`--html cannot write ${values.html}: ${(cause as Error).message}. Choose a file in a folder that exists and that you may write to.`, { cause });
    }
  }
  return { pid, html: values.html, seconds: numberOf("seconds", values.seconds, 0.1), thresholdMs: numberOf("threshold", values.threshold, LEAST_THRESHOLD_MS) };
}

/** Writes the stalls as the watchdog does: at once, a place once a minute, and the end of a stall in one line. */
function liveReport(say: (text: string) => void, format: { readonly cwd: string; readonly color: boolean }): (line: SpoolLine) => void {
  const book = new PlaceBook(REPEAT_AFTER_MS);
  let written: number | undefined;
  return (line) => {
    if (line.event === "stall-begin") {
      if (!book.enter(line, line.durationMs, false, false).due) return;
      written = line.id;
      say(`\n${formatStall(line, { ...format, running: true })}`);
    } else if (line.event === "stall-end") {
      const wasWritten = written === line.id;
      if (!book.enter(line, line.durationMs, true, wasWritten).due) return;
      say(wasWritten && line.place !== undefined ? formatEnd(line, format.cwd) : `\n${formatStall(line, format)}`);
    }
  };
}
