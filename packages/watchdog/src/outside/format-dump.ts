// Renders a dump as text: what the main thread does in the first lines, then threads, tasks, pools and resources.
import { at, highlight, indent, ms, painter, printable, printableLines, short } from "../report/console.js";
import type { PoolState, TaskState } from "../protocol/sample.js";
import type { Dump, DumpFrame, ThreadDump } from "./dump.js";
import type { KernelView } from "./kernel-view.js";

/** The number of tasks that are shown. The others are counted. */
const MOST_TASKS = 100;

/** Tasks are indented no further. */
const MOST_LEVELS = 20;

interface Format {
  readonly cwd: string;
  readonly color: boolean;
}

/** @returns text of several lines, with a newline at its end */
export function formatDump(dump: Dump, format: Format): string {
  const { cwd, color } = format;
  const paint = painter(color);
  const heading = (text: string): string => paint(1, text);
  const lines = [heading(title(dump, cwd)), `  ${about(dump, cwd)}`, ...codeLines(dump.codeFrame, format)];
  if (dump.task !== undefined) lines.push(`  in task ${printable(dump.task)}`);
  lines.push(...stackLines(dump.stack, format));
  for (const thread of dump.threads) lines.push("", ...threadLines(thread, format));
  if (dump.tasks.length > 0) lines.push("", heading(`tasks: ${dump.taskCount}`), ...taskTree(dump, cwd));
  for (const pool of dump.pools) lines.push("", heading(`pool ${pool.name === undefined || pool.name === pool.kind ? "" : `${printable(pool.name)} `}of ${printable(pool.kind)} workers: ${pool.workers.length} of ${pool.maxWorkers}, ${pool.queued} ${pool.queued === 1 ? "call waits" : "calls wait"}`), ...pool.workers.map(workerLine));
  const resources = Object.entries(dump.resources).map(([name, number]) => (number === 1 ? name : `${number} × ${name}`));
  if (dump.loop !== "native") lines.push("", `${heading("keeps the process alive:")} ${resources.length === 0 ? "nothing" : printable(resources.join(", "))}`);
  return `${lines.join("\n")}\n`;
}

/** One thread of a dump, as text of several lines. */
export function formatThread(thread: ThreadDump, format: Format): string {
  return `${threadLines(thread, format).join("\n")}\n`;
}

function threadLines(thread: ThreadDump, format: Format): string[] {
  return [painter(format.color)(1, threadTitle(thread, format.cwd)), ...codeLines(thread.codeFrame, format), ...stackLines(thread.stack ?? [], format)];
}

function codeLines(frame: string | undefined, { color }: Format): string[] {
  return frame === undefined ? [] : ["", indent(highlight(printableLines(frame), painter(color)), 2), ""];
}

/** The frames of the program and of dependencies; those of Node, if there are no others. */
function stackLines(frames: readonly DumpFrame[], { cwd, color }: Format): string[] {
  const paint = painter(color);
  return frames.filter(({ origin }) => origin !== "node" || frames.every((each) => each.origin === "node")).flatMap((frame) => [
    paint(frame.origin === "user" ? 0 : 2, `    at ${frame.async ? "async " : ""}${at(frame, cwd)}`),
    ...Object.entries(frame.values ?? {}).map(([name, value]) => `         ${printable(name)} = ${printable(value)}`),
  ]);
}

function title({ pid, loop, heldMs, place, stack, kernel }: Dump, cwd: string): string {
  const where = place === undefined ? "" : `${loop === "held" ? " by" : "; now it runs"} ${at(place, cwd)}`;
  if (loop === "held") return `process ${pid}: the event loop has been held ${heldMs === undefined ? "for longer than 100 ms" : `for ${ms(heldMs)}`}${where}`;
  if (loop === "turning") return `process ${pid}: the event loop turns${where === "" ? (stack.length === 0 ? "; now it waits for events" : "") : where}`;
  if (kernel === undefined) return `process ${pid}: native code holds the main thread, which does not answer. What it waits for stands in /proc, which is not there`;
  const { waitsIn = "", children } = kernel;
  if (/^(do_)?epoll|^ep_/.test(waitsIn) && children.length === 0) return `process ${pid}: the main thread does not answer, although it ${inKernel(kernel).slice("it ".length)}. If the program handles SIGUSR1 itself, its inspector does not open`;
  return `process ${pid}: native code holds the main thread, which does not answer: ${inKernel(kernel)}`;
}

function inKernel({ state, waitsIn, file, children }: KernelView): string {
  const what = state === "running" ? "it computes" : state === "stopped" ? "it is stopped" : `it waits${waitsIn === undefined ? "" : ` in ${waitsIn}`}${file === undefined ? "" : ` for ${printable(file)}`}`;
  return children.length === 0 ? what : `${what}; its child processes: ${children.map(({ pid, command }) => `${pid} (${printable(command)})`).join(", ")}`;
}

function about({ node, argv, cwd: itsCwd, uptimeMs, rssBytes, heapUsedBytes, inspectorWasOpen }: Dump, cwd: string): string {
  const program = printable(argv.map((argument) => short(argument, cwd)).join(" "));
  const parts = [
    node === undefined ? program : `Node ${node}: ${program}`,
    itsCwd === undefined || itsCwd === "" ? undefined : `in ${printable(itsCwd)}`,
    uptimeMs === undefined ? undefined : `for ${span(uptimeMs)}`,
    rssBytes === undefined ? undefined : `${megabytes(rssBytes)} resident`,
    heapUsedBytes === undefined ? undefined : `${megabytes(heapUsedBytes)} of heap`,
    inspectorWasOpen ? "its inspector was open already" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function threadTitle({ threadId, title: name, stack }: ThreadDump, cwd: string): string {
  const what = stack === undefined ? "native code holds it, and it does not answer" : stack.length === 0 ? "waits for events" : "runs";
  return `thread ${threadId} (${printable(short(name.replace(/^file:\/\//, ""), cwd))}): ${what}`;
}

/** The tasks as a tree: below each task those that await it, as `captureCallGraph` has them. */
function taskTree({ tasks, taskCount }: Dump, cwd: string): string[] {
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  const awaiters = new Map<number, TaskState[]>();
  for (const task of tasks) for (const id of task.awaits) awaiters.set(id, [...(awaiters.get(id) ?? []), task]);
  const lines: string[] = [];
  const shown = new Set<TaskState>();
  const show = (task: TaskState, level: number): void => {
    const again = shown.has(task);
    if (lines.length >= MOST_TASKS) return;
    const margin = "  ".repeat(Math.min(level, MOST_LEVELS) + 1);
    lines.push(`${margin}${level === 0 ? "" : "awaited by "}${printable(task.name)}${task.body === "" ? "" : ` ${printable(task.body)}()`}${again ? " (see above)" : waits(task, names)}`);
    if (again) return;
    shown.add(task);
    if (task.stack[0] !== undefined) lines.push(`${margin}    ${printable(task.stack[0].replace(/file:\/\/([^)]*)/, (_, path: string) => short(path, cwd)))}`);
    for (const awaiter of awaiters.get(task.id) ?? []) show(awaiter, level + 1);
  };
  for (const task of tasks) if (!task.awaits.some((id) => names.has(id))) show(task, 0);
  for (const task of tasks) if (!shown.has(task)) show(task, 0);
  if (shown.size < taskCount) lines.push(`  … ${taskCount - shown.size} more`);
  return lines;
}

function waits({ waitsFor, awaits }: TaskState, nameOf: ReadonlyMap<number, string>): string {
  const names = [...waitsFor, ...awaits.map((id) => nameOf.get(id) ?? "a task")];
  return names.length === 0 ? ": waits for a promise, or runs" : `: waits for ${printable(names.slice(0, 5).join(", "))}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}

function workerLine({ id, location, phase, call, runMs, held }: PoolState["workers"][number]): string {
  const what = call === undefined ? printable(phase) : `runs ${printable(call)}${runMs === undefined ? "" : ` for ${ms(runMs)}`}`;
  return `    worker ${id}${location === undefined ? "" : location.pid === undefined ? ` (thread ${location.threadId})` : ` (process ${location.pid})`}: ${what}${held === 0 ? "" : `, has ${held} more`}`;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function span(duration: number): string {
  const minutes = Math.floor(duration / 60_000);
  if (minutes < 1) return ms(duration);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  return [days > 0 ? `${days} d` : "", hours > 0 ? `${hours} h` : "", `${minutes % 60} min`].filter((part) => part !== "").join(" ");
}
