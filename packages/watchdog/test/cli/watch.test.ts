// `offloop watch` over programs of several processes, programs that are killed in a stall, and a terminal's signals.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import type { Stall } from "@offloop/watchdog";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const fixture = (name: string): string => path(`../fixtures/programs/${name}`);
const command = path("../../dist/cli/bin.js");
const preload = new URL("../../dist/register.js", import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without what the test runner and its own watchdog put into it. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, VITEST: _vitest, ...inherited } = process.env;
  return { ...inherited, NODE_ENV: "test", NODE_OPTIONS: "", ...more };
}

function run(args: readonly string[], options: { readonly env?: Record<string, string>; readonly cwd?: string } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: environment(options.env), cwd: options.cwd }, (_error, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }));
  });
}

/** A busy machine adds stalls to those of the program, so a run that says something else is repeated a few times. */
async function runFairly(expected: RegExp, attempt: () => Promise<Ended>): Promise<Ended> {
  let ended = await attempt();
  for (let more = 0; more < 4 && !expected.test(ended.stderr); more++) ended = await attempt();
  expect(ended.stderr).toMatch(expected);
  return ended;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "offloop-cli-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Resolves when `text()` matches. */
async function until(text: () => string, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(text());
    if (match !== null) return match;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const readIfAny = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** Collects what a process prints. */
function printed(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (part: string) => (text += part));
  return () => text;
}

it.each(["fork", "spawn", "cluster"])("reports on all processes of a program that uses %s: one summary, one page, one file of events", async (how) => {
  const work = folder();
  const [html, json, profile] = [join(work, "page.html"), join(work, "events.jsonl"), join(work, "stalls.cpuprofile")];
  const { code, stderr } = await runFairly(/^offloop: 2 stalls, \d+ ms in 2 of 2 processes, in \d+ ms$(?![^]* starved )/m, () => {
    rmSync(json, { force: true });
    return run([command, "watch", "--html", html, "--json", json, "--profile", profile, fixture("several-processes.mjs"), how]);
  });
  expect(code).toBe(0);
  expect(stderr.match(/^offloop: \d stalls?, .*$/gm)).toHaveLength(1);
  const events = readFileSync(json, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Stall & { readonly event: string; readonly pid: number });
  expect(new Set(events.filter(({ event }) => event === "stall-end").map(({ pid }) => pid)).size).toBe(2);
  const page = readFileSync(html, "utf8");
  expect(page).toContain("<dt>stalls</dt><dd>2</dd>");
  expect(page).toContain("<dt>processes</dt><dd>2</dd>");
  expect(page.match(/several-processes\.mjs \(process \d+\)/g)).toHaveLength(2);
  expect(readFileSync(profile, "utf8")).toContain('"functionName":"inTurn"');
});

it.each(["SIGKILL", "SIGABRT", "SIGINT"] as const)("reports the stall that %s ends, on the page too, which shows it while it lasts", async (signal) => {
  const html = join(folder(), "page.html");
  const child = spawn(process.execPath, [command, "watch", "--html", html, fixture("hangs.mjs")], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = printed(child);
  const [, pid] = await until(text, /^(\d+)$/m);
  const ended = new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
  await until(() => readIfAny(html), /<dt>stalls<\/dt><dd>[1-9]\d*<\/dd>[^]*Held while this page was written/);
  process.kill(Number(pid), signal);
  expect(await ended).toBe(signal);
  expect(text()).toMatch(/^offloop: .*hangs\.mjs \(process \d+\) ended in a stall of \d+ ms/m);
  const [, stalls] = /^offloop: (\d+) stalls, \d+ ms of \d+ ms/m.exec(text())!;
  expect(Number(stalls)).toBeGreaterThanOrEqual(2);
  expect(readFileSync(html, "utf8")).toContain(`<dt>stalls</dt><dd>${stalls}</dd>`);
  expect(readFileSync(html, "utf8")).not.toContain("Held while this page was written");
});

it("without the command, the page shows a stall that follows another one at once, and one that lasts", async () => {
  const html = join(folder(), "page.html");
  const child = spawn(process.execPath, ["--import", preload, fixture("hangs.mjs")], { env: environment({ OFFLOOP_HTML_FILE: html, OFFLOOP_REPORT: "silent" }), stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await until(() => readIfAny(html), /<dt>stalls<\/dt><dd>[1-9]\d*<\/dd>[^]*Held while this page was written/);
});

it("runs a tool by its name, and watches the processes that it starts", async () => {
  const work = folder();
  const tool = join(work, "node_modules", ".bin", "some-tool");
  mkdirSync(join(work, "node_modules", ".bin"), { recursive: true });
  writeFileSync(tool, `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  const { code, stdout } = await runFairly(/^offloop: 1 stall, \d+ ms of \d+ ms/m, () => run([command, "watch", "some-tool", fixture("stalls-once.mjs"), "--port"], { cwd: work }));
  expect([code, stdout]).toEqual([0, '["--port"]\n']);
});

it("says that no process was watched, and claims nothing, where the program is no Node.js program", async () => {
  const { code, stderr } = await run([command, "watch", "true"]);
  expect([code, stderr]).toEqual([0, "\noffloop: no process was watched. The program ended before the watchdog had started, or it is no Node.js program.\n"]);
});

it("leaves the descriptors of the program as they are", () => {
  const work = folder();
  writeFileSync(join(work, "in"), "through\n");
  const fds = [openSync(join(work, "out"), "w"), openSync(join(work, "in"), "r")];
  const child = spawn(process.execPath, [command, "watch", "--no-summary", fixture("descriptors.mjs")], { env: environment(), stdio: ["ignore", "inherit", "inherit", fds[0], "ignore", fds[1]] });
  for (const fd of fds) closeSync(fd!);
  return new Promise<void>((resolve) => child.once("close", (code) => resolve(expect([code, readFileSync(join(work, "out"), "utf8")]).toEqual([0, "through\n"]))));
});

it("keeps the exit code where the reader of standard error goes away", async () => {
  const child = spawn(process.execPath, [command, "watch", fixture("stalls-once.mjs")], { env: environment(), stdio: ["ignore", "ignore", "pipe"] });
  child.stderr!.destroy();
  expect(await new Promise((resolve) => child.once("exit", (...end) => resolve(end)))).toEqual([0, null]);
});

it("passes SIGINT and SIGQUIT on once, whether a terminal or another process sent them", async () => {
  // `script` runs the command in a terminal of its own, whose keys are its standard input.
  const child = spawn("script", ["-qfec", `exec "${process.execPath}" "${command}" watch --no-summary "${fixture("counts-signals.mjs")}"`, "/dev/null"], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = printed(child);
  await until(text, /ready/);
  const [leader] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ").map(Number);
  const keys = { SIGINT: "\x03", SIGQUIT: "\x1c" };
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    process.kill(leader!, signal);
    await until(text, new RegExp(`${signal} 1\\b`));
    child.stdin!.write(keys[signal]);
    await until(text, new RegExp(`${signal} 2\\b`));
    process.kill(leader!, signal);
    await until(text, new RegExp(`${signal} 3\\b`));
  }
  process.kill(leader!, "SIGTERM");
  await new Promise((resolve) => child.once("close", resolve));
  expect(text()).not.toMatch(/SIG\w+ 4/);
});

it.each(["OFFLOOP_HTML_FILE", "OFFLOOP_PROFILE_FILE", "OFFLOOP_JSON_FILE"])("refuses a %s that cannot be written, before the program runs", async (variable) => {
  const work = folder();
  for (const [file, problem] of [[join(work, "missing", "file"), "ENOENT"], [work, "EISDIR"]] as const) {
    for (const args of [["--import", preload], [command, "watch"]]) {
      const { code, stdout, stderr } = await run([...args, fixture("stalls-once.mjs")], { env: { [variable]: file } });
      expect([code === 0, stdout]).toEqual([false, ""]);
      expect(stderr).toMatch(new RegExp(`File of startWatchdog\\(\\) takes the path of a file that can be written \\(${problem}`));
    }
  }
});

it("serves the health of all processes, and tells where", async () => {
  const child = spawn(process.execPath, [command, "watch", "--serve", "0", fixture("hangs.mjs")], { env: environment({ OFFLOOP_UNHEALTHY_AFTER_MS: "300" }), stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [, url] = await until(printed(child), /^offloop: (http:\/\/\S+) shows the live page, and serves \/healthz, \/metrics and \/stalls$/m);
  let health = await fetch(`${url}/healthz`);
  for (; health.status === 200; health = await fetch(`${url}/healthz`)) await health.text();
  expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([503, "stalled"]);
  child.kill("SIGTERM");
  expect(await new Promise((resolve) => child.once("exit", (...end) => resolve(end)))).toEqual([null, "SIGTERM"]);
});

it("removes its folder for temporary files, and names one that cannot be written", async () => {
  const work = folder();
  expect(await run([command, "watch", fixture("stalls-once.mjs")], { env: { TMPDIR: work } })).toMatchObject({ code: 0 });
  expect(readdirSync(work)).toEqual([]);
  const { code, stderr } = await run([command, "watch", fixture("stalls-once.mjs")], { env: { TMPDIR: join(work, "missing") } });
  expect(code).toBe(2);
  expect(stderr).toContain("Set TMPDIR to a folder that can.");
});

it("tells where a port of the endpoint is taken, and runs the program all the same", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const { code, stderr } = await run([command, "watch", "--serve", String(port), fixture("stalls-once.mjs")]);
  expect(code).toBe(0);
  expect(stderr).toContain(`could not listen on 127.0.0.1:${port}`);
});
