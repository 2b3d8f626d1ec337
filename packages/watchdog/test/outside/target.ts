// Starts the programs of fixtures/outside, and runs `offloop dump` and its siblings against them.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const command = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/outside/${name}`, import.meta.url));

const { NODE_TEST_CONTEXT: _, VITEST: _vitest, ...inherited } = process.env;
export const env = { ...inherited, NODE_OPTIONS: "", NODE_ENV: "test", OFFLOOP_DEBUG: "0" };

export interface Target {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly stderr: () => string;
}

/** A folder of the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "offloop-outside-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Starts a program whose inspector opens on a free port, and waits until it has printed "ready" `times` times. */
export async function start(program: string, args: readonly string[] = [], { flags = ["--inspect-port=0"], times = 1, environment = {} }: { flags?: readonly string[]; times?: number; environment?: Record<string, string> } = {}): Promise<Target> {
  const child = spawn(process.execPath, [...flags, program, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...env, ...environment } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (lines.filter((each) => each.startsWith("ready")).length === times) resolve();
    });
    child.once("exit", () => reject(new Error(`The program ended early: ${stderr}`)));
  });
  await ready;
  return { pid: child.pid!, child, lines, stderr: () => stderr };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `offloop`. */
export function offloop(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], { env, maxBuffer: 2 ** 27 }, (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }));
  });
}

/** Resolves when `holds` returns true. The test's time-out ends the wait. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(10);
}

/** What a process has open. */
export function belongings(pid: number): { readonly descriptors: number; readonly threads: number } {
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, threads: readdirSync(`/proc/${pid}/task`).length };
}

/** Resolves with the exit code of a process. */
export async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}
