// Programs that may do little, or have little: threads and processes work, and what Node refuses is named.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const program = fileURLToPath(new URL("./fixtures/restricted.mjs", import.meta.url));
const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
const grantsInspector = process.allowedNodeEnvironmentFlags.has("--allow-inspector");

type Outcomes = Record<"named" | "code" | "failure" | "process" | "thread actor" | "process actor" | "watchdog" | "warning", unknown>;

async function outcomesOf(command: readonly string[], options: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {}): Promise<Outcomes> {
  const [file, ...args] = command as [string, ...string[]];
  const { stdout } = await promisify(execFile)(file, [...args, program], { ...options, encoding: "utf8" });
  return JSON.parse(stdout) as Outcomes;
}

const work = fileURLToPath(new URL("./fixtures/restricted-work.mjs", import.meta.url));
const lines = readFileSync(work, "utf8").split("\n");
const lineOf = (text: string): string => `${work}:${lines.findIndex((line) => line.includes(text)) + 1}`;

const all = {
  named: 15,
  code: 9,
  failure: expect.stringMatching(new RegExp(`^WorkError, E_WORK: .*as asked\n +at fails .*${lineOf("throw new WorkError")}:[^]*called from[^]*restricted[.]mjs`)),
  process: 18,
  "thread actor": 5,
  "process actor": 5,
  watchdog: lineOf("process.cpuUsage().user - user"),
};

it("names the grants that are missing under --permission", async () => {
  const outcomes = await outcomesOf([process.execPath, "--no-warnings", flag, "--allow-fs-read=*"]);
  expect(outcomes.named).toMatch(/^WorkerStartError: .*--allow-worker/);
  expect(outcomes.code).toMatch(/^FunctionTravelError: .*--allow-inspector/);
  expect(outcomes.process).toMatch(/^WorkerStartError: .*--allow-child-process/);
  expect(outcomes["thread actor"]).toMatch(/^WorkerStartError: .*--allow-worker/);
  expect(outcomes["process actor"]).toMatch(/^WorkerStartError: .*--allow-child-process/);
  expect(outcomes.watchdog).toMatch(/^WatchdogFailedError: .*--allow-worker/);
});

it("works with the grants, and says what the inspector would add", async () => {
  const grants = ["--allow-fs-read=*", "--allow-worker", "--allow-child-process"];
  const outcomes = await outcomesOf([process.execPath, flag, ...grants]);
  expect(outcomes).toMatchObject({ named: 15, failure: all.failure, process: 18, "thread actor": 5, "process actor": 5, watchdog: "no place", code: expect.stringContaining("--allow-inspector"), warning: expect.stringMatching(/without their place.*--allow-inspector/) });
  if (grantsInspector) expect(await outcomesOf([process.execPath, "--no-warnings", flag, ...grants, "--allow-inspector"])).toEqual(all);
});

it.each([
  ["--frozen-intrinsics", [process.execPath, "--no-warnings", "--frozen-intrinsics"]],
  ["a heap of 64 MB", [process.execPath, "--max-old-space-size=64"]],
])("works with %s", async (_what, command) => {
  expect(await outcomesOf(command)).toEqual(all);
});

it("works without a folder for temporary files", async () => {
  expect(await outcomesOf([process.execPath], { env: { ...process.env, TMPDIR: "/nonexistent" } })).toEqual(all);
});

const linux = process.platform === "linux";

it.runIf(linux)("works on one core", async () => {
  expect(await outcomesOf(["taskset", "-c", "0", process.execPath])).toEqual(all);
});

/** Whether a command succeeds, so that what it takes is there: root, a tool, a file that others may read. */
function can(command: readonly string[], options: { uid?: number; gid?: number } = {}): boolean {
  try {
    execFileSync(command[0]!, command.slice(1), { ...options, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const nobody = { uid: 65534, gid: 65534 };

it.runIf(can([process.execPath, "-e", `require("node:fs").readFileSync(${JSON.stringify(program)})`], nobody))("works as the user nobody", async () => {
  expect(await outcomesOf([process.execPath], { ...nobody, env: { PATH: process.env["PATH"] } })).toEqual(all);
});

const root = mkdtempSync(join(tmpdir(), "offloop-read-only-"));
afterAll(() => rmdirSync(root));
/** Runs a command with a root that is read-only. */
const readOnly = ["unshare", "-m", "sh", "-c", 'mount --rbind / "$0" && mount -o remount,bind,ro "$0" && exec chroot "$0" "$@"', root];

it.runIf(linux && can([...readOnly, "true"]))("works with a read-only root", async () => {
  expect(can([...readOnly, "touch", "/offloop-test"])).toBe(false);
  expect(await outcomesOf([...readOnly, process.execPath], { env: { ...process.env, TMPDIR: "/usr" } })).toEqual(all);
});
