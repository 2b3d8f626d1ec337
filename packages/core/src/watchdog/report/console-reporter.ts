// Writes reports to standard error from the watching thread, by a system call: `console` and
// process.stderr of a worker go through the main thread, which is the one that hangs.
import { writeSync } from "node:fs";
import type { WatchingThreadData } from "../protocol.js";
import type { Stall } from "../stall.js";
import { formatEnd, formatStall } from "./console.js";

const standardError = 2;

export class ConsoleReporter {
  readonly #data: Pick<WatchingThreadData, "report" | "cwd" | "color">;
  /** The stall whose begin was written while it lasted. */
  #open: number | undefined;

  constructor(data: Pick<WatchingThreadData, "report" | "cwd" | "color">) {
    this.#data = data;
  }

  began(stall: Stall): void {
    const { report, cwd, color } = this.#data;
    this.#open = stall.id;
    if (report === "console") write(`\n${formatStall(stall, { cwd, color, running: true })}\n`);
    if (report === "json") write(`${JSON.stringify({ event: "stall-begin", ...stall })}\n`);
  }

  ended(stall: Stall): void {
    const { report, cwd, color } = this.#data;
    if (report === "console") {
      write(this.#open === stall.id ? `${formatEnd(stall, cwd)}\n` : `\n${formatStall(stall, { cwd, color })}\n`);
    }
    if (report === "json") write(`${JSON.stringify({ event: "stall-end", ...stall })}\n`);
  }
}

/** A full pipe or a closed one must not end the watching thread: the report is dropped. */
function write(text: string): void {
  try {
    writeSync(standardError, text);
  } catch {
    // EAGAIN on a pipe whose reader is slow, EPIPE on one whose reader is gone.
  }
}
