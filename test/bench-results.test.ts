// What bench/ says is what its runs measured: the page and its plots are written anew from the results.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { writeMarkdown } from "../bench/dist/report/markdown.js";

const bench = fileURLToPath(new URL("../bench/", import.meta.url));
const results = (file: string) => JSON.parse(readFileSync(join(bench, file), "utf8")) as Parameters<typeof writeMarkdown>[0];
const texts = (folder: string) => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

it("bench/RESULTS.md and its plots are those of bench/results.json", () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-results-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeMarkdown(results("results.json"), results("results-24.json"), folder);
  expect(readFileSync(join(bench, "RESULTS.md"), "utf8")).toBe(readFileSync(join(folder, "RESULTS.md"), "utf8"));
  expect(texts(join(bench, "plots"))).toEqual(texts(join(folder, "plots")));
});
