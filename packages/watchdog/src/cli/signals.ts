// Passes the signals of the command on to the program.
import { type ChildProcess, spawn } from "node:child_process";
import { isatty } from "node:tty";

/** Signals that a terminal sends to the whole process group, and so to the program too. */
const fromTerminal = ["SIGINT", "SIGQUIT"] as const;

/** Signals that are passed on in any case. */
const forwarded = ["SIGTERM", "SIGHUP", "SIGUSR2"] as const;

/** Milliseconds in which the canary has told of its end. The system signals all processes of a group at once. A guess, for a busy machine. */
const CANARY_MS = 250;

/**
 * Passes signals on. SIGINT or SIGQUIT may have come from the terminal, which sends it to the program too, and many programs
 * end at the second one. A canary tells: a process of the same group that the signal ends.
 */
export function passSignals(child: ChildProcess): void {
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd));
  let canary = hasTerminal ? startCanary() : undefined;
  for (const signal of fromTerminal) {
    process.on(signal, () => {
      if (canary === undefined) return void child.kill(signal);
      const asked = canary;
      void Promise.race([asked.ended, delay(CANARY_MS)]).then((ended) => {
        if (ended !== true) child.kill(signal);
        else if (canary === asked) canary = startCanary();
      });
    });
  }
}

/** A process that ends with this one, because its standard input does. `undefined`: there is none, and a terminal is believed to signal the program itself. */
function startCanary(): { readonly ended: Promise<boolean> } | undefined {
  const process = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  process.unref();
  (process.stdin as unknown as { unref(): void }).unref();
  return {
    ended: new Promise((resolve) => {
      process.once("exit", () => resolve(true));
      process.once("error", () => resolve(true));
    }),
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
