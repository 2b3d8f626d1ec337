// The report of a run over all its processes: which stalls there were and where, also those that the end of a process cut
// off. It is kept up to date from the events of the processes, and is written as the run goes on.
import { History } from "../place/history.js";
import { PlaceBook } from "../place/place-book.js";
import type { PackedTree, SpoolLine } from "../protocol/spool.js";
import type { Stall } from "../protocol/stall.js";
import { formatCutOff, short } from "../report/console.js";
import { cpuProfile } from "../report/cpu-profile.js";
import { htmlReport } from "../report/html.js";
import type { ReportFiles } from "../report/report-files.js";
import { formatSummary } from "../report/summary.js";

interface WatchedProcess {
  readonly pid: number;
  readonly program: string;
  /** The stall that lasts, as it was when it was reported. */
  open: Stall | undefined;
  /** Whether the process has had a stall. */
  stalled: boolean;
}

/** The parts of the command that the report uses. */
export interface RunReportOptions {
  readonly cwd: string;
  readonly color: boolean;
  readonly program: string;
  /** Writes a line about a stall that was cut off. */
  say(text: string): void;
  /** Whether a process runs. */
  isAlive(pid: number): boolean;
}

/** The report of one run. It serves as the watch of the endpoint, too. */
export class RunReport {
  readonly history = new History();
  readonly book = new PlaceBook(0);
  readonly #options: RunReportOptions;
  readonly #processes = new Map<string, WatchedProcess>();
  /** The process of each stall, by the number that the stall has in this report. */
  readonly #processOf = new Map<number, WatchedProcess>();
  #lastId = 0;
  #thresholdMs = 0;

  constructor(options: RunReportOptions) {
    this.#options = options;
  }

  /** The number of processes that were watched. */
  get watched(): number {
    return this.#processes.size;
  }

  /** Adds the files `htmlFile` and `profileFile`, if there are such, to `files`. */
  writeTo(files: ReportFiles, htmlFile: string | undefined, profileFile: string | undefined): void {
    if (htmlFile !== undefined) files.add(htmlFile, () => this.html());
    if (profileFile !== undefined) files.add(profileFile, () => JSON.stringify(cpuProfile(this.history.tree)));
  }

  /** Takes an event. @param file identifies the process @returns whether the report has changed */
  take(file: string, line: SpoolLine): boolean {
    if (line.event === "process") {
      this.#processes.set(file, { pid: line.pid, program: line.program, open: undefined, stalled: false });
      this.#thresholdMs = line.thresholdMs;
      return false;
    }
    const process = this.#processes.get(file);
    if (process === undefined) return false; // its first line was lost
    switch (line.event) {
      case "stall-begin": {
        const { event: _, ...stall } = line;
        process.open = this.#enter(process, stall);
        return true;
      }
      case "stall-end": {
        const { event: _, tree, ...stall } = line;
        // A short stall has no begin event.
        this.#ended({ ...stall, id: (process.open ?? this.#enter(process, stall)).id }, tree);
        process.open = undefined;
        return true;
      }
      case "delay":
        this.history.delayed(line.at, line.delayMs);
        return false;
      case "sync-call":
        return false; // the process has written it
      default:
        return line satisfies never;
    }
  }

  /** Ends the stalls of processes that do not run any more. @returns whether there were any */
  endOfProcesses(now = Date.now()): boolean {
    let changed = false;
    for (const process of this.#processes.values()) {
      if (process.open === undefined || this.#options.isAlive(process.pid)) continue;
      const stall = { ...process.open, durationMs: now - process.open.startedAt };
      process.open = undefined;
      this.#ended(stall);
      this.#options.say(formatCutOff(stall, this.#nameOf(process), this.#options.cwd));
      changed = true;
    }
    return changed;
  }

  /** The longest of the stalls that last, with its duration so far. */
  running(now = Date.now()): Stall | undefined {
    return this.#open(now).toSorted((a, b) => b.durationMs - a.durationMs)[0];
  }

  html(now = Date.now()): string {
    const { program, cwd } = this.#options;
    const processes = this.#processes.size < 2 ? undefined : { count: this.#processes.size, of: ({ id }: Stall) => this.#nameOf(this.#processOf.get(id)!) };
    return htmlReport({ program, thresholdMs: this.#thresholdMs, worst: this.book.worst(), history: this.history, running: this.#open(now), processes, cwd });
  }

  /** The table of the worst places, or what is known instead. */
  summary(upMs: number): string {
    if (this.#processes.size === 0) return "\noffloop: no process was watched. The program ended before the watchdog had started, or it is no Node.js program.";
    const stalled = [...this.#processes.values()].filter((process) => process.stalled).length;
    const { cwd, color } = this.#options;
    return formatSummary(this.book.worst(), { cwd, color, upMs, stalledMs: this.history.stalledMs, processes: { watched: this.#processes.size, stalled } });
  }

  /** The stalls of several processes may have the same number, so each gets a new one. */
  #enter(process: WatchedProcess, stall: Stall): Stall {
    process.stalled = true;
    const id = ++this.#lastId;
    this.#processOf.set(id, process);
    return { ...stall, id };
  }

  #ended(stall: Stall, samples?: PackedTree): void {
    this.history.ended(stall, samples);
    this.book.enter(stall, stall.durationMs, true, false);
  }

  #open(now: number): Stall[] {
    return [...this.#processes.values()].flatMap(({ open }) => (open === undefined ? [] : [{ ...open, durationMs: now - open.startedAt }]));
  }

  #nameOf({ program, pid }: WatchedProcess): string {
    return `${short(program, this.#options.cwd)} (process ${pid})`;
  }
}
