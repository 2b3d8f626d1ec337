// `offloop attach PID` and `offloop top PID` against each kind of program: what dump.test.ts has for `offloop dump`.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, it, onTestFinished } from "vitest";
import { listeningPorts } from "#watchdog/outside/sockets.js";
import { command, env, exitOf, fixture, folder, offloop, start, until } from "./target.js";

/** Runs both commands for a moment, one after the other, because each opens and closes the inspector. */
async function lookAt(pid: number): Promise<{ attach: string; top: string }> {
  const attach = await offloop("attach", String(pid), "--seconds", "0.5", "--threshold", "100");
  const top = await offloop("top", String(pid), "--seconds", "1", "--interval", "0.3");
  return { attach: attach.stderr, top: top.stdout + top.stderr };
}

/** Runs a command until its output has `text`, and ends it by SIGTERM. */
async function runUntil(text: RegExp, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [command, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (output += part));
  await until(() => text.test(output));
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(143);
}

/** A line of `top` about a loop that turns. */
const TURNS = /^\d\d:\d\d:\d\d {2}.*utilisation \d+ % {2}heap \d+ MB/m;
const WATCHES = /^offloop: watches process \d+ for 0\.5 s\n/;

async function bundle(): Promise<string> {
  const out = folder();
  const build = await rolldown({ input: fixture("compiled.ts"), platform: "node" });
  await build.write({ dir: out, sourcemap: true, minify: true, entryFileNames: "bundle.mjs" });
  await build.close();
  return join(out, "bundle.mjs");
}

it("watch a program that waits for ever, runs pools and tasks, or runs under --inspect, whose port stays open", async () => {
  const [waits, pools, inspected] = await Promise.all([start(fixture("waits-for-ever.mjs")), start(fixture("runs-pools-and-tasks.mjs")), start(fixture("waits-for-ever.mjs"), [], { flags: ["--inspect=0"] })]);
  const before = listeningPorts(inspected.pid);
  const looks = await Promise.all([waits, pools, inspected].map(({ pid }) => lookAt(pid)));
  for (const { attach, top } of looks) expect([attach, top]).toEqual([expect.stringMatching(WATCHES), expect.stringMatching(TURNS)]);
  expect(looks[1]!.top).toMatch(/1 of 1 workers busy, \d wait, 0 calls\/s {2}4 tasks$/m);
  expect([listeningPorts(waits.pid).size, before.size, listeningPorts(inspected.pid)]).toEqual([1, 2, before]);
});

it("name the source of a bundle, and of TypeScript that Node runs itself (from Node 22.18 on), while its loop is held", async () => {
  const stripsTypes = Boolean((process.features as { readonly typescript?: unknown }).typescript);
  const [bundled, typed] = await Promise.all([start(await bundle()), start(stripsTypes ? fixture("compiled.ts") : await bundle())]);
  await Promise.all([
    runUntil(/ priceOf \(.*compiled\.ts:\d+:\d+\)|waited for a CPU/, "attach", String(typed.pid), "--threshold", "100"),
    runUntil(/held for [\d.]+ m?s( by .*compiled\.ts:\d+:\d+\))?$/m, "top", String(bundled.pid), "--interval", "0.3"),
  ]);
});

it("say that native code holds the process, and what to run to see more", async () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const target = await start(fixture("waits-in-native-code.mjs"), ["descriptor", pipe]);
  while (!/\) S/.test(readFileSync(`/proc/${target.pid}/stat`, "utf8")) || !/pipe/.test(readFileSync(`/proc/${target.pid}/wchan`, "utf8")));
  const sentence = `offloop: Native code holds process ${target.pid}, which does not answer. See what it does: npx offloop dump ${target.pid}\n`;
  expect(await lookAt(target.pid)).toEqual({ attach: sentence, top: sentence });
});

it.runIf(process.geteuid?.() === 0)("watch a process of another process number space, and say that one with other files is in a container (as root)", async () => {
  const started = async (...flags: readonly string[]): Promise<number> => {
    const child = spawn("unshare", [...flags, process.execPath, "--inspect-port=0", fixture("waits-for-ever.mjs")], { env, stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
    if (inner === "") return child.pid!;
    onTestFinished(() => void process.kill(Number(inner), "SIGKILL"));
    return Number(inner);
  };
  const [numbered, mounted] = await Promise.all([started("--pid", "--fork"), started("--mount")]);
  const sentence = `offloop: Process ${mounted} is in a container, and sees other files than this command. Install offloop there, and run the command in the container.\n`;
  expect(await Promise.all([lookAt(numbered), lookAt(mounted)])).toEqual([{ attach: expect.stringMatching(WATCHES), top: expect.stringMatching(TURNS) }, { attach: sentence, top: sentence }]);
});
