// The watchdog around whole programs: the command, the variables, the endpoint, the guards, the files.
import { execFile, spawn, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Stall, SyncCall } from "@offloop/watchdog";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const fixture = (name: string) => path(`./fixtures/programs/${name}`);
const command = path("../dist/cli/bin.js");
const preload = new URL("../dist/register.js", import.meta.url).href;

/** On a busy machine, a program without a CPU has stalls of kind `starved`, which have no place. */
const fair = (stalls: readonly Stall[]) => stalls.filter(({ kind, place }) => kind !== "starved" || place);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { NODE_TEST_CONTEXT: _, VITEST: _vitest, ...inherited } = process.env;
    const clean = { ...inherited, NODE_ENV: "test", NODE_OPTIONS: "", ...env };
    const child = execFile(process.execPath, args, { env: clean }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "offloop-watch-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const linesOf = (text: string) => text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Stall & { readonly event: string });

const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

it("`offloop watch` runs the program with its arguments, reports, writes the summary and the files", async () => {
  const work = folder();
  const [html, profile, json] = [join(work, "report.html"), join(work, "stalls.cpuprofile"), join(work, "events.jsonl")];
  const ended = await node([command, "watch", "--threshold", "100", "--html", html, "--profile", profile, "--json", json, fixture("stalls-once.mjs"), "--", "--port", "80"]);
  expect(ended).toMatchObject({ code: 0, stdout: '["--port","80"]\n' });
  expect(ended.stderr).toMatch(/offloop: the event loop (has been|was) held for \d+ ms (so far )?by reportMonth/);
  expect(ended.stderr).toMatch(/\n {2}stalls +total +longest +kind +place\n/);
  expect(ended.stderr).toMatch(/(script|starved) +reportMonth \(/);
  const page = readFileSync(html, "utf8");
  expect(page).toContain("reportMonth");
  expect(page).not.toMatch(/(src|href)="http/);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(profile, "utf8")) as { nodes: { callFrame: { functionName: string } }[]; samples: number[]; timeDeltas: number[] };
  expect(nodes.map(({ callFrame }) => callFrame.functionName)).toContain("reportMonth");
  expect(samples.length).toBe(timeDeltas.length);
  const events = readFileSync(json, "utf8").trim().split("\n").map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toContain("stall-end");
});

it("`offloop watch` passes the exit code on, and refuses unknown options", async () => {
  expect(await node([command, "watch", "--no-summary", "-"])).toMatchObject({ code: 2 });
  const unknown = await node([command, "watch", "--treshold", "5", fixture("stalls-once.mjs")]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("--treshold");
  const none = await node([command, "watch"]);
  expect(none.stderr).toContain("The script to watch is missing.");
});

it("tells its version, and one sentence on a Node that is too old", async () => {
  const { version } = JSON.parse(readFileSync(path("../package.json"), "utf8")) as { version: string };
  for (const flag of ["--version", "-v"]) expect(await node([command, flag])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  const old = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '18.20.8' }); Object.defineProperty(process, 'version', { value: 'v18.20.8' });";
  expect(await node(["--import", old, command, "watch", fixture("stalls-once.mjs")])).toMatchObject({ code: 1, stdout: "", stderr: "offloop needs Node.js 20.19, 22.12 or later, and this is v18.20.8. Run the command with a newer Node.js.\n" });
});

it.each(["html", "profile", "json"])("refuses a file for --%s that cannot be written, before the program runs", async (option) => {
  const work = folder();
  for (const file of [join(work, "missing", "file"), work]) {
    const ended = await node([command, "watch", `--${option}`, file, fixture("stalls-once.mjs")]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(`--${option} cannot write ${file}: E`);
  }
});

it("`offloop watch` hands the messages of process.send on, in both directions, and the end of the channel", async () => {
  const child = fork(fixture("answers-messages.mjs"), ["an argument"], { execPath: process.execPath, execArgv: [command, "watch", "--no-summary"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const messages: unknown[] = [];
  child.on("message", (message) => {
    messages.push(message);
    if (messages.length === 1) child.send({ ask: [1, 2] });
    else child.disconnect();
  });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(7);
  expect(messages).toEqual(["ready", { answer: { ask: [1, 2] } }]);
});

it.each(["SIGINT", "SIGQUIT"] as const)("`offloop watch` without a terminal passes %s on to the program", async (signal) => {
  const child = spawn(process.execPath, [command, "watch", "--no-summary", fixture("answers-signal.mjs"), signal], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (stdout === "") child.kill(signal);
    stdout += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect([code, stdout]).toEqual([5, `ready\ngot ${signal}\n`]);
});

it("stop() ends although clients hold connections of the endpoint", async () => {
  const text = `import { subscribe } from "node:diagnostics_channel"; import { connect } from "node:net"; import { once } from "node:events"; import { startWatchdog, stallChannels } from "@offloop/watchdog";
    const alive = setInterval(() => {}, 1_000);
    const listening = new Promise((resolve) => subscribe(stallChannels.listening, ({ url }) => resolve(url)));
    const watchdog = startWatchdog({ report: "silent", serve: { port: 0 } });
    const { port } = new URL(await listening);
    const sockets = Array.from({ length: 8 }, () => connect(Number(port), "127.0.0.1").on("error", () => {}));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    sockets[0].write("GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n");
    await once(sockets[0], "data");
    // A request that goes on for ever, which no limit of time ends.
    sockets[1].write("GET /healthz HTTP/1.1\\r\\n");
    const more = setInterval(() => sockets[1].write("a: b\\r\\n"), 100);
    await watchdog.stop();
    clearInterval(more);
    await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket.resume(), "close"))));
    clearInterval(alive);
    console.log("stopped");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], { cwd: path("."), stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  expect([await new Promise((resolve) => child.once("close", resolve)), stdout]).toEqual([0, "stopped\n"]);
});

it("watches by --import, with options from variables, and names a variable with a wrong value", async () => {
  const watched = await node(["--import", preload, fixture("stalls-once.mjs")], { OFFLOOP_THRESHOLD_MS: "80", OFFLOOP_REPORT: "json" });
  expect(watched.code).toBe(0);
  const lines = watched.stderr.split("\n").filter((line) => line.startsWith("{"));
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ event: "stall-end", place: expect.objectContaining({ function: "reportMonth" }) }));
  expect(watched.stderr).toContain("1 stall");
  const refused = await node(["--import", preload, fixture("stalls-once.mjs")], { OFFLOOP_THRESHOLD_MS: "soon" });
  expect(refused.stderr).toContain('OFFLOOP_THRESHOLD_MS takes a number of milliseconds; got "soon".');
});

it("answers over HTTP while the loop is held: unhealthy, with the place", async () => {
  const child = spawn(process.execPath, [fixture("long-stall.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [url] = await new Promise<string[]>((resolve) => createInterface({ input: child.stdout }).once("line", (line) => resolve([line])));
  const before = await fetch(`${url}/healthz`);
  expect([before.status, await before.json()]).toEqual([200, { status: "ok" }]);
  child.stdin.write("go\n");
  let health = before;
  let said: { readonly stall?: Stall } = {};
  // It is called starved for as long as the machine gives it no CPU.
  while (health.status === 200 || said.stall?.kind === "starved") {
    health = await fetch(`${url}/healthz`);
    said = (await health.json()) as typeof said;
  }
  expect(health.status).toBe(503);
  expect(said).toMatchObject({ status: "stalled", stall: { kind: "script", place: { function: "holdForever" } } });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^# TYPE offloop_stalls_total counter$/m);
  expect(Number(/^offloop_running_stall_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0.1);
  expect(await (await fetch(`${url}/stalls`)).json()).toMatchObject({ running: { place: { function: "holdForever" } } });
  expect((await fetch(`${url}/other`)).status).toBe(404);
});

it("fails only the test that held the loop, under node:test", async () => {
  let guarded = await node(["--test", "--test-reporter=tap", fixture("guarded.test.mjs")]);
  // Stalls for lack of a CPU do not fail a test.
  while (guarded.code === 0) guarded = await node(["--test", "--test-reporter=tap", fixture("guarded.test.mjs")]);
  const { stdout, code } = guarded;
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ *ok \d+ - light/m);
  expect(stdout).toMatch(/^ *not ok \d+ - heavy/m);
  expect(stdout).toContain("This test held the event loop for longer than 100 ms");
  expect(stdout).toMatch(/^ *ok \d+ - meant/m);
});

it("reports sync calls while the loop runs, with task and asynchronous counterpart, except at start-up and allowed ones", async () => {
  const { stdout } = await node([fixture("sync-caller.mjs")]);
  const calls = JSON.parse(stdout) as SyncCall[];
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({ name: "fs.readFileSync", task: "import", count: 1, place: { function: "handler" }, instead: expect.stringContaining("fs.promises.readFile") });
  expect(calls[0]!.argument).toMatch(/sync-caller\.mjs$/);
});

const syncCalls = (text: string) => (linesOf(text) as unknown as (SyncCall & { readonly event: string })[]).filter(({ event }) => event === "sync-call");

it("reports a sync call once for each place, with place, task, duration and counterpart, and publishes it each time, also at the end of the program", async () => {
  const events = join(folder(), "events.jsonl");
  const { code, stderr } = await node(["--import", preload, fixture("sync-places.mjs")], { OFFLOOP_SYNC_CALLS: "report", OFFLOOP_ALLOW_SYNC_CALLS_AT: "sync-places.mjs:8, elsewhere.mjs", OFFLOOP_SUMMARY: "0", OFFLOOP_JSON_FILE: events });
  expect(code).toBe(0);
  expect(countOf(stderr, /blocked the running loop/g)).toBe(1);
  expect(stderr).toMatch(/^\noffloop: fs\.readFileSync\("\/.*sync-places\.mjs"\) blocked the running loop for \d+\.\d ms at handler \(.*sync-places\.mjs:9:\d+\)\n/);
  expect(stderr).toMatch(/\n {2}> {1,2}9 \| .*readFileSync\(file\);\n/);
  expect(stderr).toContain("\n  in task import\n  instead: await fs.promises.readFile(…)\n");
  const calls = syncCalls(readFileSync(events, "utf8"));
  expect(calls.map(({ place, task, count }) => [place?.line, place?.function, task, count])).toEqual([[9, "handler", "import", 1], [9, "handler", "import", 2]]);
  expect(calls.every(({ durationMs }) => durationMs > 0)).toBe(true);
});

it.each(["sync-places.mjs:9", "fixtures/programs/"])("is silent at the places that %s allows, in one function too", async (allowed) => {
  const { stderr } = await node(["--import", preload, fixture("sync-places.mjs")], { OFFLOOP_SYNC_CALLS: "report", OFFLOOP_ALLOW_SYNC_CALLS_AT: allowed, OFFLOOP_SUMMARY: "0", OFFLOOP_REPORT: "json" });
  expect(syncCalls(stderr).map(({ place, count }) => [place?.line, count])).toEqual(allowed.endsWith(":9") ? [[8, 1]] : []);
});

interface Repeated {
  readonly seen: readonly string[];
  readonly stderr: string;
  readonly events: readonly (Stall & { readonly event: string })[];
}

/** A program that holds the loop at `again` three times or more, then at `once`. */
async function stallsAgain(report: "console" | "json", repeatAfterMs: number): Promise<Repeated> {
  const events = join(folder(), "events.jsonl");
  const { code, stdout, stderr } = await node([fixture("stalls-again.mjs"), report, String(repeatAfterMs), events]);
  expect(code).toBe(0);
  return { seen: JSON.parse(stdout) as string[], stderr, events: linesOf(readFileSync(events, "utf8")) };
}

it("writes a place that stalls repeatedly once within `repeatAfterMs`; events and summary have all stalls", async () => {
  const { seen, stderr, events } = await stallsAgain("console", Infinity);
  const times = seen.filter((name) => name === "again").length;
  expect(times).toBeGreaterThanOrEqual(3);
  expect(countOf(stderr, /the event loop (has been|was) held for .* again \(/g)).toBe(1);
  expect(countOf(stderr, /the event loop (has been|was) held for .* once \(/g)).toBe(1);
  const ends = events.filter(({ event, place }) => event === "stall-end" && place?.function === "again");
  expect(ends.map(({ count }) => count)).toEqual(Array.from({ length: times }, (_, index) => index + 1));
  expect(stderr).toMatch(new RegExp(`\\n +${times} +\\d+ ms +\\d+ ms +\\S+ +again \\(`));
});

it("with 0 writes each stall with count and total; JSON lines follow the same limit as text", async () => {
  const { seen, stderr } = await stallsAgain("console", 0);
  const times = seen.filter((name) => name === "again").length;
  expect(countOf(stderr, /the event loop (has been|was) held for .* again \(/g)).toBe(times);
  for (let time = 2; time <= times; time++) expect(stderr).toMatch(new RegExp(`\\n  ${time} stalls at this place, \\d+ ms in total\\n`));
  const ends = (text: string) => linesOf(text).filter(({ event, place }) => event === "stall-end" && place?.function === "again").map(({ count }) => count);
  expect(ends((await stallsAgain("json", Infinity)).stderr)).toEqual([1]);
});

it("an idle program exits at once, and a stalling program ends as without the watchdog", async () => {
  const idle = await node(["--import", preload, "-e", "process.exitCode = 3"], { OFFLOOP_SUMMARY: "0" });
  expect(idle).toMatchObject({ code: 3, stderr: "" });
});

it("does not wake the main thread of an idle program, and sees the next stall", async () => {
  const child = spawn(process.execPath, ["--import", preload, fixture("idles-then-stalls.mjs")], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "test", NODE_OPTIONS: "", OFFLOOP_THRESHOLD_MS: "100", OFFLOOP_REPORT: "json", OFFLOOP_SUMMARY: "0" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const wakeUps = () => Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${child.pid}/task/${child.pid}/status`, "latin1"))?.[1]);
  // A beat for each tick of 25 ms would be some twenty in half a second.
  for (let before = -Infinity, now = wakeUps(); now - before > 2; now = wakeUps()) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  child.stdin.write("go\n");
  for await (const line of createInterface({ input: child.stderr })) {
    const stall = JSON.parse(line) as Stall & { readonly event: string };
    if (stall.event === "stall-end" && stall.place?.function === "spin") break;
  }
});

it.each(["a natural end", "process.exit"])("ends a program that is slow in its exit handlers, by %s", async (how) => {
  const slow = await node(["--import", preload, fixture("slow-exit.mjs"), how], { OFFLOOP_SUMMARY: "0", OFFLOOP_REPORT: "silent" });
  expect(slow).toMatchObject({ code: 0, stderr: "" });
});

it("the main thread can end the program while a watched worker stalls for ever", async () => {
  expect(await node([fixture("ends-beside-endless-worker.mjs")])).toMatchObject({ code: 4 });
});

it("asks a loader that compiles in memory for its source map", async () => {
  const loader = new URL("./fixtures/programs/shifting-loader.mjs", import.meta.url).href;
  const { stderr } = await node(["--enable-source-maps", "--import", loader, "--import", preload, fixture("stalls-once.mjs")], { OFFLOOP_REPORT: "json" });
  const ends = stderr.split("\n").filter((line) => line.includes('"stall-end"')).map((line) => JSON.parse(line) as Stall);
  expect(ends.map(({ place }) => place)).toContainEqual(expect.objectContaining({ file: fixture("stalls-once.mjs"), line: 4, function: "reportMonth" }));
});

it.each([{ flags: [] }, { flags: ["--enable-source-maps"] }])("names the caller of a marked call ($flags)", async ({ flags }) => {
  const { stderr } = await node([...flags, "--import", preload, fixture("waits-in-a-call.mjs")], { OFFLOOP_REPORT: "json" });
  const ends = linesOf(stderr).filter(({ event }) => event === "stall-end");
  expect(ends.map(({ call, place }) => [call, place?.function, place?.line])).toContainEqual(["Atomics.wait(…)", "waits", 3]);
  expect(ends.flatMap(({ stack }) => stack.filter(({ file }) => file.includes("breadcrumbs")))).toEqual([]);
});

it("sees the stalls of a worker thread that starts a watchdog, and names the place of its marked calls", async () => {
  const { stdout } = await node([fixture("own-thread.mjs")]);
  const stalls = JSON.parse(stdout) as Stall[];
  expect(stalls.at(-1)).toMatchObject({ kind: "native", call: "child_process.execFileSync(…)", place: { file: fixture("own-thread.mjs"), line: 15 } });
});

it.each(["free", "held"])("names line and function in worker threads, each its own, while the main thread is %s", async (main) => {
  let seen: Stall[][] = [];
  // Again where the machine gave a thread no CPU to be sampled on.
  while (seen.length === 0 || seen.some((stalls) => stalls.length === 0)) {
    const { stdout, stderr } = await node([fixture("busy-workers.mjs"), main]);
    expect(stderr).toBe("");
    seen = (JSON.parse(stdout) as Stall[][]).map(fair);
  }
  expect(seen.map((stalls) => stalls.map(({ place }) => place?.function))).toEqual([["spin"], ["spin"]]);
  const callers = seen.map(([first]) => first!.stack.map((frame) => frame.function));
  expect(callers[0]).toContain("crunch");
  expect(callers[1]).toContain("digest");
});

it.each(["entry", "follow"] as const)("names the request and its route, without the query (%s)", async (mode) => {
  const { stdout } = await node([fixture("requests.mjs"), mode]);
  const afterAwait = (text: string) => (mode === "follow" ? [text] : [null]);
  expect(JSON.parse(stdout)).toEqual({
    "/handler?token=secret": ["GET /handler"],
    "/awaited": afterAwait("GET /awaited"),
    "/blocking": ["GET /blocking"],
    "/shop/items/7?token=secret": ["GET /shop/items/7 (route /shop/items/:id)"],
    "/users/7?token=secret": ["GET /users/7 (route /users/:id)"],
    nothing: [null],
  });
});

it.each(["entry", "follow"] as const)("names the request and its route in handlers of Express, Koa and HTTP/2 (%s)", async (mode) => {
  const { stdout, stderr } = await node([fixture("frameworks.mjs"), mode]);
  expect(stderr).toBe("");
  const later = (text: string) => (mode === "follow" ? [text] : [null]);
  expect(JSON.parse(stdout)).toEqual({
    Express: ["GET /shop/items/7 (route /shop/items/:id)"],
    "Express after a body": later("POST /shop/orders/7 (route /shop/orders/:id)"),
    "Express after an await": later("GET /shop/awaited/7 (route /shop/awaited/:id)"),
    "Express without a route": ["GET /other"],
    Koa: ["GET /users/7 (route /users/:id)"],
    "Koa without a route": ["GET /other"],
    "a stream of HTTP/2": ["GET /users/7"],
    "HTTP/2": ["GET /users/7"],
    "HTTP/2 after an await": later("GET /users/7"),
    "Koa on HTTP/2": ["GET /users/7 (route /users/:id)"],
  });
});

it("with DevTools attached, does not report a breakpoint, and sees the next stall", async () => {
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", "--import", preload, fixture("inspected.mjs")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_ENV: "test", NODE_OPTIONS: "", OFFLOOP_THRESHOLD_MS: "100", OFFLOOP_STARTUP_THRESHOLD_MS: "10000", OFFLOOP_REPORT: "json", OFFLOOP_SUMMARY: "0", OFFLOOP_REPEAT_AFTER_MS: "0" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stderr });
  const stalls: (Stall & { readonly event: string })[] = [];
  const url = await new Promise<string>((resolve) => {
    lines.on("line", (line) => {
      const found = /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
      if (line.startsWith("{")) stalls.push(JSON.parse(line) as Stall & { readonly event: string });
    });
  });
  const devTools = new WebSocket(url);
  await once(devTools, "open");
  onTestFinished(() => devTools.terminate());
  let nextId = 1;
  const answers = new EventEmitter();
  devTools.on("message", (data) => {
    const message = JSON.parse(data.toString()) as { id?: number; method?: string; params?: unknown };
    answers.emit(String(message.id ?? message.method), message);
  });
  const post = async (method: string, params: object = {}) => {
    const id = nextId++;
    const answered = once(answers, String(id));
    devTools.send(JSON.stringify({ id, method, params }));
    const [answer] = (await answered) as [{ readonly result: { readonly result?: { readonly value?: unknown } } }];
    return answer.result.result?.value;
  };
  for (const domain of ["Runtime", "Debugger", "Profiler", "HeapProfiler"]) await post(`${domain}.enable`);
  await post("Debugger.setAsyncCallStackDepth", { maxDepth: 32 });
  while (((await post("Runtime.evaluate", { expression: "globalThis.beats" })) ?? 0) === 0);
  const paused = once(answers, "Debugger.paused");
  await post("Debugger.setBreakpointByUrl", { lineNumber: 3, urlRegex: ".*inspected\\.mjs" });
  await paused;
  // The test checks that no report comes for many thresholds.
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(fair(stalls)).toEqual([]);
  await post("Debugger.setBreakpointsActive", { active: false });
  await post("Debugger.resume");
  while (fair(stalls).length < 2) {
    await post("Runtime.evaluate", { expression: "globalThis.hold = true" });
    const ends = () => stalls.filter(({ event }) => event === "stall-end").length;
    for (const before = ends(); ends() === before;) await once(lines, "line");
  }
  expect(fair(stalls).map(({ place }) => place?.function)).toEqual(["spin", "spin"]);
});

it("works without stacks where the permission model forbids the inspector, and does not end the program", async () => {
  const permission = Number(process.versions.node.split(".")[0]) >= 22 ? "--permission" : "--experimental-permission";
  const flags = [permission, "--allow-fs-read=*", "--allow-worker", "--no-warnings", "--import", preload];
  const watched = await node([...flags, fixture("stalls-once.mjs")], { OFFLOOP_REPORT: "json", OFFLOOP_STARTUP_THRESHOLD_MS: "100" });
  expect(watched).toMatchObject({ code: 0, stdout: "[]\n" });
  const stalls = watched.stderr.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Stall);
  expect(stalls.some(({ durationMs, samples }) => durationMs > 200 && samples === 0)).toBe(true);
});

it("prints the summary when a signal ends the program, and ends by the same signal", async () => {
  const child = spawn(process.execPath, [command, "watch", fixture("waits-for-signal.mjs")], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.once("data", () => child.kill("SIGTERM"));
  const signal = await new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
  expect(signal).toBe("SIGTERM");
  expect(stderr).toContain("stallsFirst");
  expect(stderr).toMatch(/offloop: \d+ stalls?, /);
});
