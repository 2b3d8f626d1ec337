// `offloop top PID`: its lines, and its view in a terminal.
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { TopView } from "#watchdog/cli/top-view.js";
import type { Sample } from "#watchdog/protocol/sample.js";
import { listeningPorts } from "#watchdog/outside/sockets.js";
import { command, env, exitOf, fixture, folder, offloop, start, until } from "./target.js";

it("prints a line for each sample, where the output is no terminal", async () => {
  const target = await start(fixture("runs-pools-and-tasks.mjs"));
  const { code, stdout } = await offloop("top", String(target.pid), "--interval", "0.2", "--seconds", "3");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d\d:\d\d:\d\d  .*delay [\d.]+ ms  p99 [\d.]+ ms  longest [\d.]+ ms  utilisation \d+ %  heap \d+ MB  1 of 1 workers busy, \d wait, 0 calls\/s  4 tasks$/m);
  expect(listeningPorts(target.pid).size).toBe(0);
});

it("shows what holds the loop while it is held", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")]);
  const child = spawn(process.execPath, [command, "top", String(target.pid), "--interval", "0.2"], { env, stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  await until(() => /held for [\d.]+ m?s( by \w+ \(.*spins\.mjs:\d+:\d+\))?\n/.test(stdout));
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(143);
});

it("ends with the process, also when it is killed while it owes an answer", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")]);
  const child = spawn(process.execPath, [command, "top", String(target.pid), "--interval", "0.2"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await until(() => stdout.split("\n").length > 3);
  target.child.kill("SIGKILL");
  expect([await exitOf(child), stderr]).toEqual([0, ""]);
});

const hasScript = (() => {
  try {
    execFileSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

it.runIf(hasScript)("draws a view in a terminal, and takes keys (where `script` gives a terminal)", async () => {
  const target = await start(fixture("runs-pools-and-tasks.mjs"));
  const child = spawn("script", ["-qec", `stty cols 100 rows 40; ${process.execPath} ${command} top ${target.pid} --interval 0.2`, "/dev/null"], { env: { ...env, TERM: "xterm" }, stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (screen += text));
  await until(() => /thread pool: 1 of 1 workers, 1 busy/.test(screen) && /Queue\.get\(\)/.test(screen));
  child.stdin.write("d");
  await until(() => /thread \d+ \(.*\): runs/.test(screen) && screen.includes("(any key goes on)"));
  screen = "";
  child.stdin.write("\x1b[B");
  await until(() => /> worker \d+  render/.test(screen));
  child.stdin.write("d"); // the stack of that worker alone
  await until(() => screen.includes("(any key goes on)"));
  const shown = screen.slice(screen.lastIndexOf("\x1b[2J"));
  expect(shown).toMatch(/thread \d+ \(.*\): runs[^]*at render \(/);
  expect(shown).not.toMatch(/event loop|keeps the process alive/);
  child.stdin.write("s");
  await until(() => screen.includes("(by mean)"));
  child.stdin.write("q");
  expect(await exitOf(child)).toBe(0);
  expect(screen.lastIndexOf("\x1b[?1049l")).toBeGreaterThan(screen.lastIndexOf("\x1b[?1049h"));
});

const times = (meanMs: number, p99Ms: number) => ({ meanMs, p99Ms, longestMs: p99Ms });

const sample = (at: number, settled: number, name: string, longestMs: number): Sample => ({
  at, upMs: at, delay: { meanMs: 1.25, p99Ms: 12, longestMs: 51 }, utilization: 0.345, heapUsedBytes: 96e6, rssBytes: 214e6, taskCount: 3, waits: [["Queue.get()", 2], ["Lock.acquire()", 1]],
  pools: [{ kind: "thread", maxWorkers: 4, queued: 10, settled: 0, workers: [{ id: 1, location: { threadId: 7 }, phase: "ready", call: name, runMs: 20, meanMs: 5, held: 2 }, { id: 2, phase: "idle", call: undefined, runMs: undefined, held: 0 }] }],
  calls: { outcomes: [], requeues: [], exits: [], executors: [{ executor: "thread", settled, wait: times(0.25, 4), run: times(5, 1_200) }], functions: [{ name: "quick\u001b[31m", count: 900, meanMs: 5, longestMs: 20, totalMs: 4_500 }, { name: "slow", count: 2, meanMs: 700, longestMs, totalMs: 1_400 }], spans: [], leftOut: 0 },
});

const view = () => {
  const made = new TopView("the title", "/srv");
  made.take({ at: 0, sample: sample(1_000, 100, "slow", 1_260), stall: undefined, worst: [] });
  made.take({ at: 1_000, sample: sample(3_000, 240, "quick\u001b[31m", 1_260), stall: undefined, worst: [{ kind: "script", place: { file: "/srv/app.js", line: 3, column: 1, function: "spin" }, count: 2, totalMs: 900, longestMs: 500 }] });
  return made;
};

it("computes rates from two samples, and prints no control characters of the program", () => {
  expect(view().line()).toBe("00:00:01  delay 1.3 ms  p99 12.0 ms  longest 51.0 ms  utilisation 35 %  heap 96 MB  1 of 2 workers busy, 10 wait, 120 calls/s  thread wait 0.3 ms (p99 4.0 ms) run 5.0 ms (p99 1200 ms)  3 tasks");
  expect(view().page(200, 40)).toEqual([
    "00:00:01  the title", "the event loop turns", "delay 1.3 ms  p99 12.0 ms  longest 51.0 ms  utilisation 35 %  heap 96 MB  resident 214 MB", "",
    "thread pool: 2 of 4 workers, 1 busy, 10 calls wait, 120 calls/s  wait 0.3 ms (p99 4.0 ms)  run 5.0 ms (p99 1200 ms)", "  worker 1  quick\\u001b[31m  20 ms  and 2 more", "  worker 2  idle", "",
    "   longest     mean    total  calls  function (by longest)", "   1260 ms   700 ms  1400 ms      2  slow", "     20 ms     5 ms  4500 ms    900  quick\\u001b[31m", "",
    "tasks: 3", "       2  Queue.get()", "       1  Lock.acquire()", "",
    "   total  longest  stalls  place", "  900 ms   500 ms       2  spin (app.js:3:1)", "",
    "s sort   p pause   ↑↓ choose a worker   d dump its stack, or all   q quit",
  ]);
  expect(view().page(20, 6)).toHaveLength(6);
  expect(Math.max(...view().page(20, 40).map((line) => line.length))).toBe(20);
});

it("takes keys: sorts, pauses, dumps, quits", () => {
  const shown = view();
  expect(["x", "d", "q", "\u0003"].map((key) => shown.press(key))).toEqual(["draw", { dump: undefined }, "quit", "quit"]);
  const orders = ["mean", "total", "calls", "longest"].map((order) => {
    shown.press("s");
    const lines = shown.page(120, 40);
    expect(lines.join("\n")).toContain(`function (by ${order})`);
    return lines[lines.findIndex((line) => line.includes("function (by")) + 1]!.includes("slow") ? "slow" : "quick";
  });
  expect(orders).toEqual(["slow", "quick", "quick", "slow"]);
  shown.press("p");
  shown.take({ at: 9_000, sample: undefined, stall: undefined, worst: [] });
  expect(shown.page(80, 40)[0]).toBe("00:00:01  the title  (paused)");
});

it("chooses a worker by the arrows, and dumps its stack", () => {
  const shown = view();
  const marked = () => shown.page(80, 40).find((line) => line.startsWith(">"));
  shown.press("\u001b[B");
  expect(marked()).toBe("> worker 1  quick\\u001b[31m  20 ms  and 2 more");
  expect(shown.press("d")).toEqual({ dump: expect.objectContaining({ id: 1, location: { threadId: 7 } }) });
  shown.press("\u001b[B");
  shown.press("\u001b[B"); // there is no third
  expect(marked()).toBe("> worker 2  idle");
  for (let presses = 0; presses < 3; presses += 1) shown.press("\u001b[A");
  expect([marked(), shown.press("d")]).toEqual([undefined, { dump: undefined }]);
});

it("keeps the last sample while the loop is held, and shows nothing before the first", () => {
  const shown = view();
  shown.take({ at: 5_000, sample: undefined, stall: { startedAt: 2_000, place: { file: "/srv/app.js", line: 3, column: 1, function: "spin" } } as never, worst: [] });
  expect(shown.page(80, 40).slice(0, 2)).toEqual(["00:00:05  the title", "held for 3000 ms by spin (app.js:3:1)"]);
  expect(shown.line()).toMatch(/^00:00:05 {2}held for 3000 ms by spin \(app\.js:3:1\) {2}delay 1\.3 ms/);
  expect(new TopView("the title", "/").page(80, 24)[0]).toBe("the title");
});

it("says for how long the process has not answered, as long as no stall is known", () => {
  const silent = { sample: undefined, stall: undefined, worst: [] };
  const shown = view();
  shown.take({ at: 3_500, ...silent });
  expect(shown.page(80, 40)[1]).toBe("no answer for 2500 ms");
  const young = new TopView("the title", "/");
  young.take({ at: 1_000, ...silent });
  young.take({ at: 1_300, ...silent });
  expect(young.line()).toBe("00:00:01  no answer for 300 ms");
});

it.each([[["top"], /top takes the id of a process/], [["top", "1", "--interval", "0"], /--interval takes a number, 0\.1 or more; got "0"/]])("refuses %j", async (args, message) => {
  const { code, stderr } = await offloop(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
