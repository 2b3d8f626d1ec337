// `offloop dump PID` against programs that were not prepared for it.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, it, onTestFinished } from "vitest";
import type { Dump } from "#watchdog/outside/dump.js";
import { listeningPorts } from "#watchdog/outside/sockets.js";
import { findTarget } from "#watchdog/outside/target.js";
import { belongings, command, env, exitOf, fixture, folder, offloop, start, until } from "./target.js";

async function dumpOf(pid: number, ...options: readonly string[]): Promise<Dump> {
  const { code, stdout, stderr } = await offloop("dump", String(pid), "--json", ...options);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Dump;
}

const functions = (dump: Dump) => dump.stack.map((frame) => frame.function);

it("shows what holds the loop, since when, with the values of the innermost frames; the program goes on", async () => {
  const flag = join(folder(), "flag");
  const target = await start(fixture("spins.mjs"), [flag]);
  const dump = await dumpOf(target.pid);
  expect(dump).toMatchObject({ pid: target.pid, node: process.version, loop: "held", inspectorWasOpen: false, threads: [], resources: { Timeout: expect.any(Number) } });
  expect(dump.heldMs).toBeGreaterThan(100);
  expect(dump.heldMs).toBeLessThan(dump.uptimeMs! + 1_000);
  expect(functions(dump)).toEqual(expect.arrayContaining(["spinUntil", "main"]));
  expect(dump.place).toMatchObject({ file: fixture("spins.mjs"), function: "spinUntil" });
  expect(dump.codeFrame).toContain("while (!existsSync(file)) turns += 1;");
  const { values } = dump.stack.find((frame) => frame.function === "spinUntil")!;
  expect(values).toMatchObject({ file: JSON.stringify(flag), big: "1180591620717411303424n", map: 'Map(1) { "key" => { deep: 1 } }', secret: "Secret {}", turns: expect.stringMatching(/^\d+$/) });
  expect(values!["long"]).toHaveLength(80);
  expect(values!["options"]).toContain("retries: 3");
  writeFileSync(flag, "");
  expect(await exitOf(target.child)).toBe(0);
  expect(target.lines).toEqual(["ready", "went on"]);
});

it("prints the dump as text without control characters of the program", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")]);
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/^process \d+: the event loop has been held for [\d.]+ m?s by spinUntil \(/);
  expect(stdout).toMatch(/\n  > 16 \|   while/);
  expect(stdout).toMatch(/\n    at main \(.*spins\.mjs:\d+:\d+\)\n/);
  expect(stdout).toMatch(/\n         turns = \d+\n/);
  expect(stdout).toMatch(/\nkeeps the process alive: .*Timeout/);
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001b/);
});

it("reads no values with --no-values, and no more frames than --depth", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")]);
  const dump = await dumpOf(target.pid, "--no-values", "--depth", "1");
  expect(dump.stack).toHaveLength(1);
  expect(dump.stack[0]!.values).toBeUndefined();
  expect(dump).toMatchObject({ loop: "held", place: { function: "spinUntil" } });
});

it("names the code of promises that hold the loop", async () => {
  const target = await start(fixture("spins-in-promises.mjs"));
  const dump = await dumpOf(target.pid, "--no-values");
  expect(dump.loop).toBe("held");
  expect(["chain", "step"]).toContain(dump.place?.function);
});

it("says that a loop turns, and what keeps the process alive", async () => {
  const target = await start(fixture("waits-for-ever.mjs"));
  expect(await dumpOf(target.pid)).toMatchObject({ loop: "turning", stack: [], resources: { TCPServerWrap: 1 }, cwd: process.cwd(), argv: ["--inspect-port=0", fixture("waits-for-ever.mjs")] });
  expect((await offloop("dump", String(target.pid))).stdout).toMatch(/: the event loop turns; now it waits for events\n/);
});

it("shows a program that waits in Atomics.wait", async () => {
  const target = await start(fixture("waits-in-native-code.mjs"), ["atomics"]);
  await until(() => /futex/.test(readFileSync(`/proc/${target.pid}/wchan`, "utf8")));
  const dump = await dumpOf(target.pid);
  expect(dump).toMatchObject({ loop: "held", place: { function: "waitInAtomics" } });
  expect(dump.codeFrame).toContain("Atomics.wait(");
});

it("shows the kernel's view of a program that opens a pipe for reading, and does not ask it for its inspector", async () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const target = await start(fixture("waits-in-native-code.mjs"), ["fifo", pipe]);
  await until(() => /\(node\) S|\) S/.test(readFileSync(`/proc/${target.pid}/stat`, "utf8")) && /pipe|fifo|partner/.test(readFileSync(`/proc/${target.pid}/wchan`, "utf8")));
  const dump = await dumpOf(target.pid);
  expect(dump).toMatchObject({ loop: "native", stack: [], kernel: { state: "sleeping", waitsIn: expect.stringMatching(/openat|pipe|fifo|partner/) } });
  if (process.geteuid!() === 0) expect(dump.kernel!.file).toBe(pipe);
  closeSync(openSync(pipe, "r+"));
  await until(() => target.lines.includes("went on"));
  expect(target.stderr()).toBe("");
});

it("names the file behind the descriptor that a program reads from", async () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const target = await start(fixture("waits-in-native-code.mjs"), ["descriptor", pipe]);
  await until(() => /\) S/.test(readFileSync(`/proc/${target.pid}/stat`, "utf8")) && /pipe/.test(readFileSync(`/proc/${target.pid}/wchan`, "utf8")));
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/^process \d+: native code holds the main thread, which does not answer: it waits in (read|\w*pipe\w*)/);
  if (process.geteuid!() === 0) expect(stdout.split("\n")[0]).toMatch(new RegExp(`it waits in read for ${pipe}$`));
});

it("shows a program whose working directory was removed", async () => {
  const program = join(folder(), "removed.mjs");
  writeFileSync(program, `import { mkdtempSync, rmSync } from "node:fs"; const made = mkdtempSync("/tmp/offloop-removed-"); process.chdir(made); rmSync(made, { recursive: true }); console.log("ready"); setInterval(() => {}, 1000);`);
  const target = await start(program);
  expect(await dumpOf(target.pid)).toMatchObject({ loop: "turning", cwd: "" });
});

it("shows the kernel's view of a program that waits for a child process, and closes the inspector that opens late", async () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const target = await start(fixture("waits-in-native-code.mjs"), ["child", pipe]);
  const children = () => readFileSync(`/proc/${target.pid}/task/${target.pid}/children`, "utf8").trim();
  await until(() => children() !== "");
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/^process \d+: native code holds the main thread, which does not answer: it waits in .*; its child processes: \d+ \(.*cat /);
  closeSync(openSync(pipe, "r+"));
  await until(() => target.lines.includes("went on"));
  await until(() => target.stderr().includes("Debugger attached."));
  await until(() => listeningPorts(target.pid).size === 0);
});

it("shows the stacks of worker threads, also while one does not answer", async () => {
  const target = await start(fixture("runs-threads.mjs"), [], { times: 3 });
  const stateOf = (threads: Dump["threads"], kind: string) => threads.find(({ threadId, title }) => title.includes(kind) || threadId === ["", "spin", "wait", "native"].indexOf(kind))!;
  let threads: Dump["threads"];
  do ({ threads } = await dumpOf(target.pid)); while (stateOf(threads, "spin").stack?.length === 0 || stateOf(threads, "native").stack !== undefined);
  expect(stateOf(threads, "spin")).toMatchObject({ place: { file: fixture("runs-threads.mjs"), function: "spinInWorker" }, codeFrame: expect.stringContaining("for (;;);") });
  expect(stateOf(threads, "wait").stack).toEqual([]);
});

it("shows the tasks of offloop, what each waits for and who awaits it, and its pools", async () => {
  const target = await start(fixture("runs-pools-and-tasks.mjs"));
  const { tasks, pools } = await dumpOf(target.pid);
  const idOf = (name: string) => tasks.find((task) => task.name === name)!.id;
  expect(tasks).toEqual([
    expect.objectContaining({ name: "main", waitsFor: [], awaits: ["consumer", "locker", "renderer"].map(idOf) }),
    expect.objectContaining({ name: "consumer", body: "consume", waitsFor: ["Queue.get()"], awaits: [] }),
    expect.objectContaining({ name: "locker", waitsFor: ["Lock.acquire()"] }),
    expect.objectContaining({ name: "renderer", waitsFor: ["sleep()", "the call render() of an executor", "the call render() of an executor"] }),
  ]);
  expect(pools).toEqual([{ kind: "thread", name: "thread", maxWorkers: 1, queued: expect.any(Number), settled: 0, workers: [{ id: expect.any(Number), location: { threadId: expect.any(Number) }, phase: expect.any(String), call: "render", runMs: expect.any(Number), held: expect.any(Number) }] }]);
  expect(pools[0]!.queued + pools[0]!.workers[0]!.held).toBe(1);
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/\ntasks: 4\n  consumer consume\(\): waits for Queue\.get\(\)\n    awaited by main: waits for consumer, locker, renderer\n/);
  expect(stdout).toMatch(/\npool of thread workers: 1 of 1, \d calls? waits?\n    worker \d+ \(thread \d+\): runs render for \d+ ms/);
});

it("shows the lines at which tasks wait in debug mode", async () => {
  const target = await start(fixture("runs-pools-and-tasks.mjs"), [], { environment: { OFFLOOP_DEBUG: "1" } });
  const { tasks } = await dumpOf(target.pid);
  expect(tasks.find(({ name }) => name === "consumer")!.stack.join()).toMatch(/runs-pools-and-tasks\.mjs:\d+/);
});

it("uses an inspector that is open already, on its own port, and leaves it open", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")], { flags: ["--inspect=0"] });
  const before = listeningPorts(target.pid);
  expect(await dumpOf(target.pid)).toMatchObject({ loop: "held", place: { function: "spinUntil" }, inspectorWasOpen: true });
  expect([before.size, listeningPorts(target.pid)]).toEqual([1, before]);
});

it("finds an inspector that the program opened by itself", async () => {
  const program = join(folder(), "opens.mjs");
  writeFileSync(program, `import inspector from "node:inspector"; inspector.open(0, "127.0.0.1"); console.log("ready"); setInterval(() => {}, 1000);`);
  const target = await start(program);
  expect(await dumpOf(target.pid)).toMatchObject({ loop: "turning", inspectorWasOpen: true });
  expect(listeningPorts(target.pid).size).toBe(1);
});

it.each(["inline", true] as const)("applies the source map of a bundle of TypeScript (%s)", async (sourcemap) => {
  const out = folder();
  const build = await rolldown({ input: fixture("compiled.ts"), platform: "node" });
  await build.write({ dir: out, sourcemap, minify: true, entryFileNames: "bundle.mjs" });
  await build.close();
  const target = await start(join(out, "bundle.mjs"));
  const dump = await dumpOf(target.pid);
  expect(dump).toMatchObject({ loop: "held", place: { file: fixture("compiled.ts") } });
  expect(dump.codeFrame).toContain("for (;;) sum += 1;");
});

it.runIf((process.features as { readonly typescript?: unknown }).typescript)("shows TypeScript that Node runs itself (from Node 22.18 on)", async () => {
  const target = await start(fixture("compiled.ts"));
  const dump = await dumpOf(target.pid);
  expect(dump).toMatchObject({ loop: "held", place: { file: fixture("compiled.ts"), function: "priceOf" } });
  expect(dump.stack[0]!.values).toMatchObject({ order: "{ total: 12 }" });
});

it("leaves nothing behind: neither thread, descriptor nor open port, after many dumps", async () => {
  const target = await start(fixture("waits-for-ever.mjs"));
  await dumpOf(target.pid);
  const before = { ...belongings(target.pid), ports: listeningPorts(target.pid) };
  for (let round = 0; round < 10; round += 1) await dumpOf(target.pid);
  await until(() => belongings(target.pid).threads <= before.threads);
  expect({ ...belongings(target.pid), ports: listeningPorts(target.pid) }).toEqual(before);
  expect(before.ports.size).toBe(1);
});

it("loses no request of a server", async () => {
  const target = await start(fixture("waits-for-ever.mjs"));
  const port = Number(target.lines[0]!.split(" ")[1]);
  let [answered, isOver] = [0, false];
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const status = await new Promise((resolve, reject) => get({ port, host: "127.0.0.1", agent: false }, (response) => resolve((response.resume(), response.statusCode))).on("error", reject));
      expect(status).toBe(200);
      answered += 1;
    }
  };
  const clients = [ask(), ask(), ask()];
  for (let round = 0; round < 3; round += 1) expect(await dumpOf(target.pid)).toMatchObject({ resources: { TCPServerWrap: 1 } });
  isOver = true;
  await Promise.all(clients);
  expect(answered).toBeGreaterThan(3);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("closes the inspector when %s interrupts it", async (signal) => {
  const flag = join(folder(), "flag");
  const target = await start(fixture("spins.mjs"), [flag]);
  const child = spawn(process.execPath, [command, "dump", String(target.pid)], { env, stdio: "ignore" });
  await until(() => target.stderr().includes("Debugger listening"));
  child.kill(signal);
  expect(await exitOf(child)).toBe(128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal]);
  await until(() => listeningPorts(target.pid).size === 0);
  writeFileSync(flag, "");
  expect(await exitOf(target.child)).toBe(0);
});

it("answers commands that run at the same time, and closes the inspector after the last", async () => {
  const target = await start(fixture("spins.mjs"), [join(folder(), "flag")]);
  const dumps = await Promise.all([1, 2, 3].map(() => dumpOf(target.pid)));
  for (const dump of dumps) expect(dump).toMatchObject({ loop: "held", place: { function: "spinUntil" } });
  await until(() => listeningPorts(target.pid).size === 0);
});

const refusal = async (pid: number | string) => {
  const { code, stdout, stderr } = await offloop("dump", String(pid));
  expect([code, stdout]).toEqual([1, ""]);
  return stderr;
};

it("says in one sentence that a process is no Node, is not there, has ended, is stopped, or is a thread", async () => {
  const child = spawn("sleep", ["3600"]);
  onTestFinished(() => void child.kill("SIGKILL"));
  await until(() => readlinkSync(`/proc/${child.pid}/exe`) !== readlinkSync("/proc/self/exe"));
  expect(await refusal(child.pid!)).toMatch(/^offloop: Process \d+ is no Node\.js: it runs \/\S+\. .*\n$/);
  expect(child.exitCode).toBeNull();
  expect(await refusal(2_147_483_646)).toMatch(/^offloop: There is no process 2147483646 here\. A container numbers its processes by itself: .*\n$/);
  const target = await start(fixture("waits-for-ever.mjs"));
  const thread = execFileSync("ls", [`/proc/${target.pid}/task`], { encoding: "utf8" }).trim().split("\n").map(Number).find((id) => id !== target.pid)!;
  expect(await refusal(thread)).toBe(`offloop: ${thread} is a thread of process ${target.pid}: give that id.\n`);
  target.child.kill("SIGSTOP");
  await until(() => /\) T/.test(readFileSync(`/proc/${target.pid}/stat`, "utf8")));
  expect(await refusal(target.pid)).toMatch(/is stopped by a signal or a debugger\. Let it go on first: kill -CONT \d+\n$/);
  target.child.kill("SIGCONT");
});

it("says that a process has ended whose parent has not collected it", async () => {
  // Its parent becomes `sleep`, which waits for nobody.
  const child = spawn("sh", ["-c", `"${process.execPath}" -e 0 & echo $!; exec sleep 3600`], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const pid = Number(String(line).trim());
  await until(() => /\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
  expect(await refusal(pid)).toMatch(/has ended, and its parent \d+ has not collected its exit status\.\n$/);
});

it("says whose process it is, if it belongs to another user", async () => {
  const target = await start(fixture("waits-for-ever.mjs"));
  const isRoot = process.geteuid!() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    expect(() => findTarget(isRoot ? target.pid : 1)).toThrow(/ belongs to root, and you are \w+\. Run the command as that user, or as root: sudo npx offloop dump \d+$/);
  } finally {
    if (isRoot) process.seteuid!(0);
  }
});

it("says that another process listens on the port on which the inspector would open", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const target = await start(fixture("waits-for-ever.mjs"), [], { flags: [`--inspect-port=${port}`] });
  expect(await refusal(target.pid)).toMatch(new RegExp(`would open on port ${port}, and another process listens there\\.`));
});

it.runIf(process.allowedNodeEnvironmentFlags.has("--disable-sigusr1"))("does not signal a process that would not open its inspector (from Node 22.14 on)", async () => {
  const target = await start(fixture("waits-for-ever.mjs"), [], { flags: ["--disable-sigusr1"] });
  expect(await refusal(target.pid)).toMatch(/does not open its inspector when it is asked to by SIGUSR1/);
  expect(target.child.exitCode).toBeNull();
});

it("does not say that native code holds a program that handles SIGUSR1 itself", async () => {
  const program = join(folder(), "handles.mjs");
  writeFileSync(program, `process.on("SIGUSR1", () => console.log("mine")); console.log("ready"); setInterval(() => {}, 1000);`);
  const target = await start(program);
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/^process \d+: the main thread does not answer, although it waits in \w*ep\w*\. If the program handles SIGUSR1 itself, its inspector does not open\n/);
  expect(target.lines).toEqual(["ready", "mine"]);
});

it("looks into a program that has not begun, because it waits for a debugger", async () => {
  const child = spawn(process.execPath, ["--inspect-brk=0", fixture("waits-for-ever.mjs")], { env, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await until(() => listeningPorts(child.pid!).size === 1);
  expect(await dumpOf(child.pid!)).toMatchObject({ pid: child.pid, node: process.version, inspectorWasOpen: true });
});

it("shows the first of many tasks, and counts the others", async () => {
  const program = join(folder(), "has-many-tasks.mjs");
  const core = fixture("../../../../core/dist/index.js");
  writeFileSync(program, `import { run, sleep, taskGroup } from ${JSON.stringify(core)}; await run(() => taskGroup((group) => { for (let i = 0; i < 20_000; i += 1) group.createTask(() => sleep(3_600_000)); setTimeout(() => console.log("ready"), 1); }));`);
  const target = await start(program);
  const dump = await dumpOf(target.pid);
  expect([dump.taskCount, dump.tasks.length]).toEqual([20_001, 10_000]);
  const { stdout } = await offloop("dump", String(target.pid));
  expect(stdout).toMatch(/\ntasks: 20001\n/);
  expect(stdout).toMatch(/\n  … 19\d\d\d more\n/);
});

const canUnshare = (() => {
  try {
    execFileSync("unshare", ["--pid", "--net", "--fork", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Starts a program in namespaces of its own. @returns its id, as it is seen from here */
async function startUnshared(...flags: readonly string[]): Promise<number> {
  const child = spawn("unshare", [...flags, process.execPath, "--inspect-port=0", fixture("waits-for-ever.mjs")], { env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  if (inner === "") return child.pid!;
  onTestFinished(() => void process.kill(Number(inner), "SIGKILL"));
  return Number(inner);
}

it.runIf(canUnshare)("looks into a process of another process number space (where unshare may make one)", async () => {
  const pid = await startUnshared("--pid", "--fork");
  expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/NSpid:\t\d+\t1\n/);
  expect(await dumpOf(pid)).toMatchObject({ pid, loop: "turning" });
  expect(listeningPorts(pid).size).toBe(1);
});

it.runIf(canUnshare)("says how to reach a process of another network (where unshare may make one)", async () => {
  const child = spawn("unshare", ["--net", process.execPath, "-e", 'console.log("ready"); setInterval(() => {}, 1000)'], { env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  expect(await refusal(child.pid!)).toMatch(/is in a container with a network of its own, .* nsenter --target \d+ --net npx offloop dump \d+\n$/);
});

it.each([[["dump"], /dump takes the id of a process/], [["dump", "x"], /takes the id of one process, a number; got "x"/], [["dump", "1", "2"], /one process/], [["dump", "1", "--depth", "0"], /--depth takes a number of frames, 1 or more; got "0"/], [["dump", "1", "--deep"], /--deep/]])("refuses %j", async (args, message) => {
  const { code, stderr } = await offloop(...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
