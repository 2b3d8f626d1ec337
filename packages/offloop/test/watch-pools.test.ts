// A process that runs calls of a pool or an actor is meant to hold its loop. The preload leaves it alone, and watches a
// process that a task starts.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const preload = new URL("../dist/register.js", import.meta.url).href;

it.each([
  ["the command", [path("../dist/bin.js"), "watch"], {}],
  ["the preload", ["--import", preload], {}],
  ["the preload in NODE_OPTIONS", [], { NODE_OPTIONS: `--import ${preload}` }],
])("%s does not watch the processes of pools and actors", async (_, args, env) => {
  const work = mkdtempSync(join(tmpdir(), "offloop-pools-"));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const json = join(work, "events.jsonl");
  const { stdout } = await promisify(execFile)(process.execPath, [...args, path("./fixtures/pool-holds.mjs")], {
    env: { ...process.env, NODE_OPTIONS: "", NODE_ENV: "test", OFFLOOP_REPORT: "silent", OFFLOOP_SUMMARY: "0", OFFLOOP_JSON_FILE: json, ...env },
  });
  const printed = JSON.parse(stdout) as unknown[];
  const pid = printed.pop();
  expect(printed).toEqual(["none", "none", "none", "none"]);
  const events = existsSync(json) ? readFileSync(json, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { readonly pid: number }) : [];
  const others = new Set(events.map((event) => event.pid).filter((each) => each !== pid));
  // The flag of this process does not reach a process that a task starts with flags of its own.
  expect(others.size).toBe(args[0] === "--import" ? 0 : 1);
});
