// Starts fixtures/live/live-program.mjs, a program with a live page.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./fixtures/live/live-program.mjs", import.meta.url));

export interface LiveProgram {
  readonly url: string;
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Holds the loop for a time in milliseconds, or until a file exists. */
  hold(until: number | string): void;
  /** Whether somebody in the program listens to the calls of its pools. */
  isRecorded(): Promise<boolean>;
}

/** The caller ends the process. */
export async function startLive(): Promise<LiveProgram> {
  const { NODE_TEST_CONTEXT: _, VITEST: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"], env: { ...env, NODE_OPTIONS: "", OFFLOOP_DEBUG: "0" } });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const find = async (text: string, from = 0): Promise<string> => {
    for (;;) {
      const line = lines.slice(from).find((each) => each.startsWith(text));
      if (line !== undefined) return line.slice(text.length);
      if (child.exitCode !== null) throw new Error("The program has ended.");
      await pause(10);
    }
  };
  return {
    url: await find("ready "),
    child,
    lines,
    hold: (until) => void child.stdin.write(`${until}\n`),
    isRecorded: async () => {
      const { length } = lines;
      child.stdin.write("state\n");
      return (await find("state ", length)) === "true";
    },
  };
}
