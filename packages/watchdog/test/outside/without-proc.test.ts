// `offloop dump`, `attach` and `top` where there is no /proc. It is hidden from the commands, and `ps` and `lsof` are those of the test,
// because those of Linux read /proc.
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { listeningPorts } from "#watchdog/outside/sockets.js";
import { belongings, command, type Ended, env, fixture, folder, start } from "./target.js";

/** Hiding a folder takes root. */
const isRoot = process.geteuid?.() === 0;

const HIDE = 'mount --bind /proc "$OFFLOOP_TEST_PROC" && mount -t tmpfs none /proc && PATH="$OFFLOOP_TEST_BIN" && exec "$0" "$@"';

/** Runs `offloop` without /proc. @param tools of those, `ps` and `lsof` are there */
function offloop(tools: readonly string[], ...args: readonly string[]): Promise<Ended> {
  const made = folder();
  const [proc, bin] = [join(made, "proc"), join(made, "bin")];
  for (const each of [proc, bin]) mkdirSync(each);
  for (const tool of tools) writeFileSync(join(bin, tool), `#!/bin/sh\nexec "${process.execPath}" "${fixture("tools.mjs")}" ${tool} "$@"\n`, { mode: 0o755 });
  return new Promise((resolve) => {
    const child = execFile("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", HIDE, process.execPath, command, ...args], { env: { ...env, OFFLOOP_TEST_PROC: proc, OFFLOOP_TEST_BIN: bin } }, (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }));
  });
}

it.runIf(isRoot)("dump, attach and top look into a process that ps and lsof show, and leave it as it was", async () => {
  const [pools, spins] = await Promise.all([start(fixture("runs-pools-and-tasks.mjs")), start(fixture("spins.mjs"))]);
  const before = [pools, spins].map(({ pid }) => [belongings(pid).threads, [...listeningPorts(pid)]]);
  const dump = await offloop(["ps", "lsof"], "dump", String(pools.pid));
  expect([dump.code, dump.stderr]).toEqual([0, ""]);
  expect(dump.stdout).toMatch(new RegExp(`^process ${pools.pid}: the event loop turns`));
  expect(dump.stdout).toContain("pool of thread workers: 1 of 1");
  const held = await offloop(["ps", "lsof"], "dump", String(spins.pid));
  expect(held.stdout).toMatch(new RegExp(`^process ${spins.pid}: the event loop has been held .* by `));
  const attach = await offloop(["ps", "lsof"], "attach", String(pools.pid), "--seconds", "0.5");
  expect([attach.code, attach.stderr]).toEqual([0, expect.stringContaining(`offloop: watches process ${pools.pid} for 0.5 s\n`)]);
  const top = await offloop(["ps", "lsof"], "top", String(pools.pid), "--seconds", "1", "--interval", "0.3");
  expect([top.code, top.stdout]).toEqual([0, expect.stringContaining("1 of 1 workers busy")]);
  expect([pools, spins].map(({ pid }) => [belongings(pid).threads, [...listeningPorts(pid)]])).toEqual(before);
}, 120_000);

it.runIf(isRoot)("each thing that nothing tells has its sentence", async () => {
  const [target, inspected, sleeper] = [await start(fixture("waits-for-ever.mjs")), await start(fixture("waits-for-ever.mjs"), [], { flags: ["--inspect=0"] }), spawn("sleep", ["600"])];
  onTestFinished(() => void sleeper.kill("SIGKILL"));
  const dump = async (tools: readonly string[], pid: number): Promise<string> => (await offloop(tools, "dump", String(pid))).stderr;
  expect(await dump([], target.pid)).toBe(
    `offloop: Nothing here tells whether process ${target.pid} is Node.js: /proc is not there, and \`ps\` does not show it. SIGUSR1, which opens the inspector of Node.js, would end another program. Start the program with --inspect, or mount /proc.\n`,
  );
  expect(await dump(["ps"], sleeper.pid!)).toBe(`offloop: Process ${sleeper.pid} is no Node.js: it runs sleep. If it started one, give the id of that process.\n`);
  expect(await dump(["ps"], 4_194_304)).toContain("There is no process 4194304 here.");
  process.kill(target.pid, "SIGSTOP");
  while (!/\) T/.test(readFileSync(`/proc/${target.pid}/stat`, "utf8")));
  expect(await dump(["ps", "lsof"], target.pid)).toBe(`offloop: Process ${target.pid} is stopped by a signal or a debugger. Let it go on first: kill -CONT ${target.pid}\n`);
  process.kill(target.pid, "SIGCONT");
  // An inspector that is open already is used, whoever it is.
  expect(await offloop(["lsof"], "dump", String(inspected.pid))).toMatchObject({ code: 0, stdout: expect.stringMatching(/its inspector was open already/) });
}, 120_000);

it.runIf(isRoot)("a process in native code is said to be there", async () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const target = await start(fixture("waits-in-native-code.mjs"), ["child", pipe]);
  const { code, stdout, stderr } = await offloop(["ps", "lsof"], "dump", String(target.pid));
  expect([code, stdout.split("\n")[0], stderr]).toEqual([0, `process ${target.pid}: native code holds the main thread, which does not answer. What it waits for stands in /proc, which is not there`, ""]);
}, 120_000);
