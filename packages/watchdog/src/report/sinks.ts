// All that the watching thread writes, behind one face: the console, JSON lines, a parent's pipe, and the
// files that are renewed as stalls come in. Nothing here may throw: a full disk must not end the watch.
import { appendFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import type { WatchingThreadData } from "../protocol/messages.js";
import type { Stall, SyncCall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import { formatEnd, formatStall, formatSyncCall } from "./console.js";
import { cpuProfile } from "./cpu-profile.js";
import { htmlReport } from "./html.js";
import { formatSummary } from "./summary.js";

const standardError = 2;

/** The files are renewed at most this often: each time they are written whole. */
const renewAfterMs = 2_000;

export interface Sinks {
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean): void;
  syncCall(call: SyncCall): void;
  /** Writes what is owed at the end. */
  close(): void;
}

export function openSinks(data: WatchingThreadData, book: PlaceBook, history: History): Sinks {
  const { options, cwd, color, eventsFd } = data;
  const { report, jsonFile, htmlFile, profileFile, summary } = options;
  const format = { cwd, color };
  /** The stall whose place was written while it lasted: its end needs one line. */
  let placed: number | undefined;
  let renewedAt = 0;

  const event = (name: string, payload: object, due: boolean) => {
    const line = `${JSON.stringify({ event: name, ...payload })}\n`;
    if (report === "json" && due) write(standardError, line);
    if (eventsFd !== undefined) write(eventsFd, line);
    if (jsonFile !== undefined) quietly(() => appendFileSync(jsonFile, line));
  };
  const say = (text: string) => {
    if (report === "console") write(standardError, `${text}\n`);
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
      if (Date.now() - renewedAt >= renewAfterMs) renew();
    },
    syncCall(call) {
      event("sync-call", call, call.count === 1);
      if (call.count === 1) say(`\n${formatSyncCall(call, format)}`);
    },
    close() {
      renew();
      if (summary) write(standardError, `${formatSummary(book.worst(), { ...format, upMs: Date.now() - history.startedAt, stalledMs: history.stalledMs })}\n`);
    },
  };
}

/** By a system call: `console` and process.stderr of a worker go through the main thread, which is the one that hangs. */
function write(fd: number, text: string): void {
  // A full pipe (EAGAIN) or one whose reader is gone (EPIPE): the report is dropped.
  quietly(() => writeSync(fd, text));
}

/** Whole or not at all: whoever has it open sees no half of it. */
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
    // Said in the comments of the callers.
  }
}
