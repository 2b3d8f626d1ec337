// Writes everything that the watching thread writes: reports on standard error, JSON lines, events for a
// parent process, and the report files. No function here throws, because a full disk must not end the watch.
import { appendFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import type { WatchingThreadData } from "../protocol/messages.js";
import type { Stall, SyncCall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import { formatEnd, formatStall, formatSyncCall } from "./console.js";
import { cpuProfile } from "./cpu-profile.js";
import { htmlReport } from "./html.js";
import { formatSummary } from "./summary.js";

const STANDARD_ERROR = 2;

/** The report files are rewritten at most once in this time, because each time they are written as a whole. */
const RENEW_AFTER_MS = 2_000;

/** Writes events to all outputs of the options. `due`: whether a report of this place may be written now. */
export interface Sinks {
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean): void;
  syncCall(call: SyncCall): void;
  /** Writes the report files and the summary. To be called at the end. */
  close(): void;
}

/** Opens the outputs that the options name. */
export function openSinks(data: WatchingThreadData, book: PlaceBook, history: History): Sinks {
  const { options, cwd, color, eventsFd } = data;
  const { report, jsonFile, htmlFile, profileFile, summary } = options;
  const format = { cwd, color };
  /** The id of a stall whose place was reported while it lasted. Its end is reported in one line. */
  let placed: number | undefined;
  let renewedAt = 0;

  const event = (name: string, payload: object, due: boolean) => {
    const line = `${JSON.stringify({ event: name, ...payload })}\n`;
    if (report === "json" && due) write(STANDARD_ERROR, line);
    if (eventsFd !== undefined) write(eventsFd, line);
    if (jsonFile !== undefined) quietly(() => appendFileSync(jsonFile, line));
  };
  const say = (text: string) => {
    if (report === "console") write(STANDARD_ERROR, `${text}\n`);
  };
  const renew = () => {
    renewedAt = Date.now();
    if (htmlFile !== undefined) replace(htmlFile, htmlReport({ program: data.program, thresholdMs: options.thresholdMs, worst: book.worst(), history, cwd }));
    if (profileFile !== undefined) replace(profileFile, JSON.stringify(cpuProfile(history)));
  };

  return {
    began(stall, due) {
      event("stall-begin", stall, due);
      if (!due) return;
      if (stall.place) placed = stall.id;
      say(`\n${formatStall(stall, { ...format, running: true })}`);
    },
    ended(stall, due) {
      event("stall-end", stall, due);
      if (due) say(placed === stall.id ? formatEnd(stall, cwd) : `\n${formatStall(stall, format)}`);
      if (Date.now() - renewedAt >= RENEW_AFTER_MS) renew();
    },
    syncCall(call) {
      event("sync-call", call, call.count === 1);
      if (call.count === 1) say(`\n${formatSyncCall(call, format)}`);
    },
    close() {
      renew();
      if (summary) write(STANDARD_ERROR, `${formatSummary(book.worst(), { ...format, upMs: Date.now() - history.startedAt, stalledMs: history.stalledMs })}\n`);
    },
  };
}

/** Writes by a system call. `console` and `process.stderr` of a worker go through the main thread, which may be held. */
function write(fd: number, text: string): void {
  // If the pipe is full (EAGAIN) or its reader has gone (EPIPE), the report is dropped.
  quietly(() => writeSync(fd, text));
}

/** Replaces a file at once, so that no reader sees an incomplete file. */
function replace(file: string, text: string): void {
  quietly(() => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  });
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The callers say why an error is ignored.
  }
}
