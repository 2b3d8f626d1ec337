// `offloop top PID`: shows what a process does, once a second. The watchdog in the process tells of stalls, also while its
// loop is held, and answers with a sample when it turns.
import { setTimeout as pause } from "node:timers/promises";
import { isatty } from "node:tty";
import { parseArgs } from "node:util";
import { type Attachment, attachWatchdog } from "../outside/attach-watchdog.js";
import { formatDump, formatThread } from "../outside/format-dump.js";
import { takeDump } from "../outside/take-dump.js";
import { TargetError } from "../outside/target-error.js";
import type { WorkerState } from "../protocol/sample.js";
import { RunReport } from "./run-report.js";
import { Spool } from "./spool.js";
import { numberOf, processId, untilInterrupted } from "./target-argument.js";
import { TopView } from "./top-view.js";
import { UsageError } from "./usage.js";

const flags = { interval: { type: "string" }, seconds: { type: "string" } } as const;

/** The number of frames of each stack in the dump of the key d. */
const DEPTH = 12;

/** A key, as the terminal sends it: an escape sequence, such as of an arrow, or a character. */
// oxlint-disable-next-line no-control-regex -- it begins a sequence
const KEY = /\x1b\[[\d;]*[A-Za-z~]|[^]/gu;

const CLEAR = "\x1b[H\x1b[2J";
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** @throws UsageError the arguments cannot be read */
export function top(args: readonly string[]): void {
  const { pid, intervalMs, seconds } = parse(args);
  untilInterrupted(async (cancelled) => {
    using spool = new Spool({ wantsDelays: false });
    const attachment = await attachWatchdog(pid, { spool: spool.folder, thresholdMs: undefined, cancelled });
    const view = new TopView(`offloop top: process ${pid}, ${attachment.argv.slice(1).join(" ")}`, process.cwd());
    const hasTerminal = isatty(0) && isatty(1);
    const screen = hasTerminal ? new Screen() : undefined;
    const quit = new AbortController();
    const isOver = AbortSignal.any([cancelled, quit.signal, ...(seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)])]);
    void attachment.ended.then(() => quit.abort());
    const draw = (): void => screen?.draw(view.page(process.stdout.columns || 80, process.stdout.rows || 24));
    screen?.onKey((key) => {
      const next = view.press(key);
      if (next === "quit") quit.abort();
      else if (next === "draw") draw();
      else void dumpText(pid, next.dump, cancelled).then((text) => screen.show(text));
    });
    try {
      await follow(attachment, spool, view, intervalMs, isOver, () => (screen === undefined ? process.stdout.write(`${view.line()}\n`) : draw()));
    } finally {
      screen?.leave();
      await attachment.stop();
    }
  });
}

/** The stacks of a worker's thread or process; of all threads, if none is chosen or its thread is not known. */
async function dumpText(pid: number, worker: WorkerState | undefined, cancelled: AbortSignal): Promise<string> {
  const format = { cwd: process.cwd(), color: true };
  try {
    const dump = await takeDump(worker?.location?.pid ?? pid, { values: false, mostFrames: DEPTH, cancelled });
    const thread = dump.threads.find(({ threadId }) => threadId === worker?.location?.threadId);
    return thread === undefined ? formatDump(dump, format) : formatThread(thread, format);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return error.message;
  }
}

async function follow(attachment: Attachment, spool: Spool, view: TopView, intervalMs: number, isOver: AbortSignal, shown: () => void): Promise<void> {
  const report = new RunReport({ cwd: process.cwd(), color: false, program: "", say: () => {}, isAlive: () => true });
  while (!isOver.aborted) {
    const began = performance.now();
    const sample = await attachment.sample(intervalMs);
    for (const [file, line] of spool.read()) report.take(file, line);
    const stall = report.running();
    if (isOver.aborted) return;
    view.take({ at: Date.now(), sample, stall, worst: report.book.worst() });
    shown();
    await pause(Math.max(0, intervalMs - (performance.now() - began)), undefined, { signal: isOver }).catch(() => {});
  }
}

/** The terminal, as long as the view has it. */
class Screen {
  /** Whether a dump is shown until the next key. */
  #isTaken = false;

  constructor() {
    process.stdin.setRawMode(true);
    process.stdout.write(ENTER);
  }

  onKey(pressed: (key: string) => void): void {
    process.stdin.setEncoding("utf8").on("data", (keys: string) => {
      this.#isTaken = false;
      for (const [key] of keys.matchAll(KEY)) pressed(key);
    });
  }

  draw(lines: readonly string[]): void {
    if (!this.#isTaken) process.stdout.write(`${CLEAR}${lines.join("\r\n")}`);
  }

  /** Shows a text until the next key. */
  show(text: string): void {
    this.#isTaken = true;
    process.stdout.write(`${CLEAR}${text.replaceAll("\n", "\r\n")}\r\n(any key goes on)`);
  }

  leave(): void {
    process.stdout.write(LEAVE);
    process.stdin.setRawMode(false).pause();
  }
}

function parse(args: readonly string[]): { readonly pid: number; readonly intervalMs: number; readonly seconds: number | undefined } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
    return { pid: processId("top", positionals), intervalMs: 1000 * (numberOf("interval", values.interval, 0.1) ?? 1), seconds: numberOf("seconds", values.seconds, 0.1) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`top: ${(error as Error).message}`);
  }
}
