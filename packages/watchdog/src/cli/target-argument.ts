// What the commands for another process share: its id as an argument, and the way in which they end.
import { constants } from "node:os";
import { TargetError } from "../outside/target-error.js";
import { UsageError } from "./usage.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The id of the process from the arguments. @throws UsageError there is none, or more than one */
export function processId(command: string, positionals: readonly string[]): number {
  const [text, ...rest] = positionals;
  if (text === undefined) throw new UsageError(`${command} takes the id of a process: offloop ${command} 1234`);
  if (rest.length > 0 || !/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`${command} takes the id of one process, a number; got ${JSON.stringify(positionals.join(" "))}.`);
  const pid = Number(text);
  if (pid === process.pid) throw new UsageError(`Process ${pid} is this command.`);
  return pid;
}

/** The number of an option. @throws UsageError it is none, or less than `least` */
export function numberOf(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < least) throw new UsageError(`--${option} takes a number, ${least} or more; got ${JSON.stringify(text)}.`);
  return number;
}

/**
 * Runs the command. A signal makes it clean up and then ends it with the signal's exit status. An error about the process
 * is printed in one line.
 * @param run must end soon after `cancelled` has fired
 */
export function untilInterrupted(run: (cancelled: AbortSignal) => Promise<void>): void {
  const cancel = new AbortController();
  const interrupted = (signal: NodeJS.Signals): void => {
    process.exitCode = 128 + constants.signals[signal];
    cancel.abort();
  };
  for (const signal of signals) process.on(signal, interrupted);
  process.stdout.on("error", () => cancel.abort()); // its reader has gone
  run(cancel.signal)
    .catch((error: unknown) => {
      if (cancel.signal.aborted) return;
      if (!(error instanceof TargetError)) throw error;
      process.stderr.write(`offloop: ${error.message}\n`);
      process.exitCode = 1;
    })
    .finally(() => {
      for (const signal of signals) process.off(signal, interrupted);
    });
}
