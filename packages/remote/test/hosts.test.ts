// Hosts in processes of their own, started by the command, and the executor for a URL.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor } from "@offloop/workers";
import { createExecutor, RemoteExecutor } from "@offloop/remote";
import { MemoryTransport } from "@offloop/remote/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOfTest, isWritten, rejection, until } from "./helpers.js";
import { listen } from "./net/net-hub.mjs";
import * as tasks from "./fixtures/tasks.mjs";

const root = new URL("./", import.meta.url);
const command = fileURLToPath(new URL("./fixtures/host-command.mjs", import.meta.url));
const children: ChildProcess[] = [];
let url: string;

beforeEach(async () => {
  url = new URL(`./net/engine.mjs?port=${await listen(new MemoryTransport({ leaseMs: 200 }))}`, import.meta.url).href;
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** Starts `offloop host` and waits until it serves. @returns the process and the line that it prints */
async function startHost(name: string, ...more: string[]): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, [command, "--url", url, "--root", fileURLToPath(root), "--module", "./fixtures/tasks.mjs", "--max-workers", "1", "--name", name, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return [child, String(line)];
}

describe("a host that is killed", () => {
  it("fails its calls with its name, and has those with retries run again elsewhere, each at most once more", async () => {
    const executor = await createExecutor(url, { root });
    const [alpha] = await startHost("alpha");
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const result = executor.with({ retries: 1 }).submit(tasks.runsOnceEach, file, gate);
    await until(() => isWritten(file));
    alpha.kill("SIGKILL");
    const [beta] = await startHost("beta");
    await until(() => readFileSync(file, "utf8").split(" ").length === 3);
    writeFileSync(gate, "");
    expect(await result).toBe(2);
    const lost = fileOfTest("lost");
    const error = rejection(executor.submit(tasks.waits, lost));
    await until(() => isWritten(lost));
    beta.kill("SIGKILL");
    expect(await error).toMatchObject({ name: "WorkerCrashedError", exit: { host: "beta" }, message: expect.stringContaining("Host beta was lost while it ran waits") });
    expect(readFileSync(lost, "utf8")).toBe("begun ");
    await executor.shutdown();
  });
});

describe("offloop host", () => {
  it("prints what it serves, is healthy, and drains on SIGTERM", async () => {
    const executor = await createExecutor(url, { root });
    const [child, line] = await startHost("alpha", "--health-port", "0");
    expect(line).toMatch(/^offloop host alpha serves fixtures\/tasks\.mjs from offloop@[^ ]+\/1, health at http:\/\/localhost:\d+\/healthz\n$/);
    const health = /http:\S+/.exec(line)![0];
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const running = executor.submit(tasks.runsOnceEach, file, gate);
    await until(() => isWritten(file));
    const serving = await fetch(health);
    expect([serving.status, await serving.json()]).toMatchObject([200, { status: "serving", name: "alpha", running: 1, serves: ["fixtures/tasks.mjs"] }]);
    expect((await fetch(new URL("/other", health))).status).toBe(404);
    child.kill("SIGTERM");
    while ((await fetch(health)).status !== 503);
    const waiting = executor.submit(tasks.add, 1, 1);
    writeFileSync(gate, "");
    expect(await running).toBe(1);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(waiting.state).toBe("pending");
    await startHost("beta");
    expect(await waiting).toBe(2);
    await executor.shutdown();
  });

  it("says what is missing", async () => {
    const child = spawn(process.execPath, [command, "--url", "amqp://localhost", "--module", "./tasks.js"], { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr.on("data", (bytes: Buffer) => (text += String(bytes)));
    expect((await once(child, "exit"))[0]).toBe(2);
    expect(text).toMatch(/no engine has URLs that begin with amqp: [^]*Usage: offloop host/);
  });
});

describe("createExecutor()", () => {
  it("makes a process pool without a URL, and refuses a URL of no engine", async () => {
    const executor = await createExecutor(undefined, { root, pool: { maxWorkers: 1 } });
    expect(executor).toBeInstanceOf(ProcessPoolExecutor);
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    await executor.shutdown();
    expect(await rejection(createExecutor("tasks", { root }))).toMatchObject({ option: "url" });
    const remote = await createExecutor(url, { root });
    expect(remote).toBeInstanceOf(RemoteExecutor);
    await remote.shutdown();
  });
});
