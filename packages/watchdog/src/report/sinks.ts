// Writes everything that the watching thread writes: reports on standard error, JSON lines, events for `offloop watch`, and
// the report files. No function here throws, because a full disk must not end the watch.
import { appendFileSync, existsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { WatchingThreadData } from "../protocol/messages.js";
import { type PackedTree, type SpoolLine, WANTS_DELAYS } from "../protocol/spool.js";
import type { Stall, SyncCall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import { formatEnd, formatStall, formatSyncCall, printableJson } from "./console.js";
import { cpuProfile } from "./cpu-profile.js";
import { htmlReport } from "./html.js";
import { ReportFiles } from "./report-files.js";
import { formatSummary } from "./summary.js";

const STANDARD_ERROR = 2;

/** The shortest stretch of the delays that go to the spool, in milliseconds. */
const STRETCH_MS = 250;

/** Writes events to all outputs of the options. `due`: whether a report of this place may be written now. */
export interface Sinks {
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean, samples: PackedTree): void;
  syncCall(call: SyncCall): void;
  /** @param at the time of the beat, in milliseconds since the epoch */
  delayed(at: number, delayMs: number): void;
  /** Writes the report files and the summary. To be called at the end. */
  close(): void;
}

/** The name of the files of this process in the spool, without their ending. */
export function spoolName({ startedAt }: History): string {
  return `${process.pid}-${startedAt}`;
}

/** Opens the outputs that the options name. */
export function openSinks(data: WatchingThreadData, book: PlaceBook, history: History): Sinks {
  const { options, cwd, color, spool, program } = data;
  const { report, jsonFile, htmlFile, profileFile, summary, thresholdMs } = options;
  const format = { cwd, color };
  const spoolFile = spool === undefined ? undefined : join(spool, `${spoolName(history)}.jsonl`);
  const wantsDelays = spool !== undefined && existsSync(join(spool, WANTS_DELAYS));
  let stretch: { readonly at: number; delayMs: number } | undefined;
  /** The id of a stall whose place was reported while it lasted. Its end is reported in one line. */
  let placed: number | undefined;
  let running: Stall | undefined;

  const complain = (text: string): void => write(STANDARD_ERROR, `offloop: ${text}\n`);
  const files = new ReportFiles(complain);
  if (htmlFile !== undefined) files.add(htmlFile, () => htmlReport({ program, thresholdMs, worst: book.worst(), history, running: running ? [running] : [], cwd }));
  if (profileFile !== undefined) files.add(profileFile, () => JSON.stringify(cpuProfile(history.tree)));

  const tell = (line: SpoolLine): void => {
    // The command removes the folder when it ends, which this process may outlive.
    if (spoolFile !== undefined) quietly(() => appendFileSync(spoolFile, `${JSON.stringify(line)}\n`));
  };
  const event = (name: string, payload: object, due: boolean): void => {
    const line = `${printableJson({ event: name, pid: process.pid, ...payload })}\n`;
    if (report === "json" && due) write(STANDARD_ERROR, line);
    if (jsonFile !== undefined) files.append(jsonFile, line);
  };
  const say = (text: string): void => {
    if (report === "console") write(STANDARD_ERROR, `${text}\n`);
  };
  tell({ event: "process", pid: process.pid, program, startedAt: history.startedAt, thresholdMs });

  return {
    began(stall, due) {
      running = stall;
      tell({ event: "stall-begin", ...stall });
      event("stall-begin", stall, due);
      files.changed();
      if (!due) return;
      if (stall.place) placed = stall.id;
      say(`\n${formatStall(stall, { ...format, running: true })}`);
    },
    ended(stall, due, samples) {
      running = undefined;
      tell({ event: "stall-end", ...stall, tree: samples });
      event("stall-end", stall, due);
      if (due) say(placed === stall.id ? formatEnd(stall, cwd) : `\n${formatStall(stall, format)}`);
      files.changed();
    },
    syncCall(call) {
      tell({ event: "sync-call", ...call });
      event("sync-call", call, call.count === 1);
      if (call.count === 1) say(`\n${formatSyncCall(call, format)}`);
    },
    delayed(at, delayMs) {
      if (!wantsDelays) return;
      if (stretch !== undefined && at - stretch.at < STRETCH_MS) {
        stretch.delayMs = Math.max(stretch.delayMs, delayMs);
        return;
      }
      if (stretch !== undefined) tell({ event: "delay", ...stretch });
      stretch = { at, delayMs };
    },
    close() {
      if (stretch !== undefined) tell({ event: "delay", ...stretch });
      files.write();
      if (summary) write(STANDARD_ERROR, `${formatSummary(book.worst(), { ...format, upMs: Date.now() - history.startedAt, stalledMs: history.stalledMs })}\n`);
    },
  };
}

/** Writes by a system call. `console` and `process.stderr` of a worker go through the main thread, which may be held. */
function write(fd: number, text: string): void {
  // If the pipe is full (EAGAIN) or its reader has gone (EPIPE), the report is dropped.
  quietly(() => writeSync(fd, text));
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The callers say why an error is ignored.
  }
}
