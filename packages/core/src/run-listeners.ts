// What the mains of all runners share: one listener for each signal, and one for rejections. Several `run()` may be under
// way on one thread, each with a loop of its own.
import { isError, readStack, textOf } from "@offloop/workers/executor";
import { isCancelledError } from "./errors.js";
import { nextTick } from "./loop/real-time.js";
import type { Task } from "./task/task.js";

/** The signals that cancel mains. */
export type Signal = "SIGINT" | "SIGTERM";

/** A main that is under way. */
interface Main {
  readonly task: Task<unknown>;
  readonly signals: readonly Signal[];
  signalled(signal: Signal): void;
}

const mains = new Set<Main>();
/** The number of mains, and of runners that clean up. */
let watching = 0;
const heard = new Set<Signal>();

/**
 * Lets signals cancel `task`, and keeps cancelled tasks that nothing awaits from ending the process.
 * @param signalled called when a signal has requested the cancellation
 * @returns ends both
 */
export function listenFor(task: Task<unknown>, handleSignals: boolean, signalled: (signal: Signal) => void): () => void {
  const signals = (["SIGINT", "SIGTERM"] as const).filter((signal) => handleSignals && process.listenerCount(signal) === (heard.has(signal) ? 1 : 0));
  const main = { task, signals, signalled };
  const unwatch = watchRejections();
  mains.add(main);
  for (const signal of signals) {
    if (!heard.has(signal)) process.on(signal, onSignal);
    heard.add(signal);
  }
  return () => {
    mains.delete(main);
    unwatch();
    for (const signal of signals) if (![...mains].some((each) => each.signals.includes(signal))) stopListening(signal);
  };
}

/** Keeps cancelled code that nothing awaits from ending the process. @returns ends that */
export function watchRejections(): () => void {
  watching += 1;
  if (watching === 1) process.on("unhandledRejection", onRejection);
  return () => {
    watching -= 1;
    if (watching === 0) process.off("unhandledRejection", onRejection);
  };
}

function stopListening(signal: Signal): void {
  heard.delete(signal);
  process.off(signal, onSignal);
}

function onSignal(signal: Signal): void {
  if (process.listenerCount(signal) > 1) return; // the program has a handler of its own
  const left = [...mains].filter(({ task, signals }) => signals.includes(signal) && !task.done() && task.cancelling() === 0);
  if (left.length === 0) {
    stopListening(signal);
    process.kill(process.pid, signal);
    return;
  }
  for (const { task, signalled } of left) {
    task.cancel(signal);
    signalled(signal);
  }
}

function onRejection(reason: unknown): void {
  if (isCancelledError(reason)) return;
  // Every other rejection has its default effect, unless the program has its own listener.
  if (process.listenerCount("unhandledRejection") === 1) leaveToNode(reason);
}

/** Handles a rejection as Node does without a listener. With `warn` and `strict`, Node handles it itself, also if there is a listener. */
function leaveToNode(reason: unknown): void {
  const mode = unhandledRejectionsMode();
  if (mode === "throw") nextTick(() => raise(reason));
  if (mode !== "warn-with-error-code") return;
  process.emitWarning((isError(reason) && readStack(reason)) || textOf(reason), "UnhandledPromiseRejectionWarning");
  process.exitCode = 1;
}

/** The value of `--unhandled-rejections`. The command line overrides NODE_OPTIONS, and a later flag overrides an earlier one. */
function unhandledRejectionsMode(): string {
  const options = [process.env["NODE_OPTIONS"] ?? "", ...process.execArgv].join(" ");
  return [...options.matchAll(/--unhandled-rejections[= ]([\w-]+)/g)].at(-1)?.[1] ?? "throw";
}

function raise(reason: unknown): never {
  throw reason;
}
