// What a report says of sources: the names of a bundle's functions, and whether the file still is what runs.
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { expect, it, onTestFinished } from "vitest";
import type { Stall } from "@offloop/watchdog";

const preload = new URL("../../dist/register.js", import.meta.url).href;
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "offloop-sources-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** The stalls of a program, as they ended. It runs again where the machine gave it no CPU to be sampled on. */
async function stallsOf(file: string, ...args: string[]): Promise<Stall[]> {
  let stalls = await stallsOfRun(file, args);
  while (stalls.some(({ kind }) => kind === "starved")) stalls = await stallsOfRun(file, args);
  return stalls;
}

async function stallsOfRun(file: string, args: readonly string[]): Promise<Stall[]> {
  const json = join(folder(), "events.jsonl");
  await promisify(execFile)(process.execPath, ["--import", preload, file, ...args], { env: { ...process.env, NODE_ENV: "test", NODE_OPTIONS: "", OFFLOOP_REPORT: "silent", OFFLOOP_SUMMARY: "0", OFFLOOP_JSON_FILE: json } });
  return readFileSync(json, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Stall & { readonly event: string }).filter(({ event }) => event === "stall-end");
}

it.each(["esm", "cjs"] as const)("names the functions of a minified bundle as in their sources (%s)", async (format) => {
  const out = join(folder(), format === "esm" ? "bundle.mjs" : "bundle.cjs");
  const bundle = await rolldown({ input: fixture("bundled.mjs"), platform: "node" });
  await bundle.write({ file: out, format, sourcemap: true, minify: true });
  expect(readFileSync(out, "utf8")).not.toContain("MonthlyReport");
  const names = new Set((await stallsOf(out)).flatMap(({ stack }) => stack.map((frame) => frame.function)));
  expect([...names]).toEqual(expect.arrayContaining(["MonthlyReport.render", "renderPage", "declared"]));
});

it("says that a source was changed after the program started", async () => {
  const work = folder();
  const file = join(work, "edited.mjs");
  copyFileSync(fixture("edited.mjs"), file);
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(file, hourAgo, hourAgo);
  const framesOf = async (...args: string[]): Promise<string[]> => (await stallsOf(file, ...args)).flatMap(({ codeFrame }) => codeFrame ?? []);
  const unchanged = await framesOf();
  expect([unchanged.length > 0, unchanged.filter((frame) => frame.includes("was changed"))]).toEqual([true, []]);
  const changed = await framesOf("edit");
  expect([changed.length > 0, changed.filter((frame) => !/(^|\n)The file was changed after the program started(\. The lines above may not be|, and its lines are not) the ones that run\.$/.test(frame))]).toEqual([true, []]);
});
