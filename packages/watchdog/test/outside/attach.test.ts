// `offloop attach PID`: the watchdog in a process that runs already, and nothing of it afterwards.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listeningPorts } from "#watchdog/outside/sockets.js";
import { belongings, command, env, exitOf, fixture, folder, offloop, start, type Target, until } from "./target.js";

const spools = () => readdirSync(tmpdir()).filter((name) => name.startsWith("offloop-watch-"));

/** The folders with events of the process. */
const spoolsOf = ({ pid }: Target) => spools().filter((name) => filesIn(name).some((file) => file.startsWith(`${pid}-`)));

function filesIn(name: string): string[] {
  try {
    return readdirSync(join(tmpdir(), name));
  } catch {
    return []; // it has been removed meanwhile
  }
}

async function stateOf(target: Target): Promise<unknown> {
  const { length } = target.lines;
  target.child.kill("SIGUSR2");
  await until(() => target.lines.length > length);
  return JSON.parse(target.lines.at(-1)!.slice("state ".length));
}

/** Runs the command until it has written `text`, then ends it by `signal`. */
async function attachUntil(target: Target, text: RegExp, signal: NodeJS.Signals): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [command, "attach", String(target.pid), "--threshold", "100"], { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  await until(() => text.test(stderr));
  child.kill(signal);
  const code = await exitOf(child);
  return { code, stderr };
}

const REPORT = /offloop: the event loop (has been|was) held for \d+ ms/;

it("reports stalls while they last, writes the page and the summary, and leaves nothing in the process", async () => {
  const target = await start(fixture("stalls-now-and-then.mjs"));
  const before = await stateOf(target);
  // The first watchdog of a process makes Node start its thread pool, which stays.
  await attachUntil(target, REPORT, "SIGINT");
  await until(() => belongings(target.pid).threads > 0);
  const belonged = belongings(target.pid);
  const html = join(folder(), "report.html");
  const { code, stderr } = await offloop("attach", String(target.pid), "--seconds", "3", "--threshold", "100", "--html", html);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^offloop: watches process \d+ for 3 s\n/);
  expect(stderr).toMatch(REPORT);
  expect(stderr).toMatch(/\n {2}stalls +total +longest +kind +place\n/);
  expect(stderr).toMatch(/(script|starved) +(reportMonth \(|unknown)/);
  expect(readFileSync(html, "utf8")).toContain("<html");
  await until(() => belongings(target.pid).threads <= belonged.threads);
  expect({ ...belongings(target.pid), ports: listeningPorts(target.pid).size }).toEqual({ ...belonged, ports: 0 });
  expect(await stateOf(target)).toEqual(before);
});

it.each([["SIGINT", 130], ["SIGTERM", 143], ["SIGKILL", null]] as const)("takes the watchdog out when %s ends the command", async (signal, exitCode) => {
  const target = await start(fixture("stalls-now-and-then.mjs"));
  const before = await stateOf(target);
  const { code } = await attachUntil(target, REPORT, signal);
  expect(code).toBe(exitCode);
  await until(() => spoolsOf(target).length === 0);
  const isGone = async (): Promise<boolean> => JSON.stringify(await stateOf(target)) === JSON.stringify(before);
  while (!(await isGone()));
  expect(listeningPorts(target.pid).size).toBe(0);
});

it("names what holds the loop already, and the watchdog ends when the loop turns again", async () => {
  const flag = join(folder(), "flag");
  const target = await start(fixture("spins.mjs"), [flag]);
  const { stderr } = await attachUntil(target, /at spinUntil \(|waited for a CPU/, "SIGINT");
  expect(stderr).toMatch(REPORT);
  expect(stderr).toMatch(/offloop: 1 stall, .*\n.*\n +1 /);
  expect(stderr).toMatch(/the event loop of process \d+ is held, and the watchdog ends in it when the loop turns again\.\n$/);
  writeFileSync(flag, "");
  expect(await exitOf(target.child)).toBe(0);
  expect(target.lines).toEqual(["ready", "went on"]);
});

it.each(["stalls-now-and-then.mjs", "spins.mjs"])("ends with the process that it watches, and leaves no folder, also if its loop never turned (%s)", async (name) => {
  const target = await start(fixture(name));
  const child = spawn(process.execPath, [command, "attach", String(target.pid)], { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  await until(() => stderr.includes(`watches process ${target.pid} until this command is interrupted\n`));
  target.child.kill("SIGKILL");
  expect([await exitOf(child), stderr]).toEqual([0, expect.not.stringContaining("is held, and the watchdog ends")]);
  expect(spoolsOf(target)).toEqual([]);
});

it.each([
  [["attach"], /attach takes the id of a process/],
  [["attach", "1", "--seconds", "soon"], /--seconds takes a number, 0\.1 or more; got "soon"/],
  [["attach", "1", "--threshold", "1"], /--threshold takes a number, 20 or more; got "1"/],
  [["attach", "1", "--html", "/proc/none/report.html"], /--html cannot write/],
])("refuses %j", async (args, message) => {
  const { code, stderr } = await offloop(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

it("says in one sentence that there is no such process", async () => {
  expect(await offloop("attach", "2147483646")).toMatchObject({ code: 1, stderr: expect.stringMatching(/^offloop: There is no process 2147483646 here\. .*\n$/) });
});
