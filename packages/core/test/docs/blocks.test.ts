// The TypeScript blocks of the README, docs/ and the packages, as a reader would paste them: each compiles,
// and each that is a whole program runs and prints what it should.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../../../..");
// Inside the package, so that the blocks resolve @offloop/core and @offloop/workers as its files do; @offloop/watchdog comes from the root.
const folder = join(import.meta.dirname, "../../dist-docs");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const pages = ["README.md", "docs/executors.md", "docs/watchdog.md", "docs/loop.md", "packages/core/README.md", "packages/watchdog/README.md", "packages/workers/README.md"].map((page) => readFileSync(join(repository, page), "utf8"));
const blocks = pages.flatMap((page) => [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!));

/** What a block takes from the program around it. */
const surroundings = `
declare const app: { get(path: string, handler: (req: { params: { name: string } }) => Promise<unknown>): void };
declare const source: (name: string) => Promise<string>;
`;

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  cpSync(join(import.meta.dirname, "blocks"), folder, { recursive: true });
  blocks.forEach((block, index) => writeFileSync(join(folder, `block-${index}.ts`), block + (block.includes("app.get") ? surroundings : "")));
  const options = { target: "ES2023", lib: ["ES2023", "ESNext.Disposable"], module: "NodeNext", strict: true, types: ["node"], skipLibCheck: true, outDir: "out", rootDir: "." };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every block compiles", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(6);
  const compile = (): Buffer => execFileSync(process.execPath, [tsc, "-p", folder]);
  expect(compile).not.toThrow();
});

it.each<[RegExp, string]>([
  [/createTask/, "921 1 2\n"],
  [/maxTasksPerWorker: 1_000/, "1\n2\n3\n1\n2\n453 1000 4 2\n"],
  [/instanceof CancelledError/, "true\n"],
  [/ProcessPoolExecutor/, "1\n2\n3\n4\nline 1\nline 2\nline 3\n"],
  [/VirtualTimeLoop/, "a,b 453 cancelled\nan hour later\n"],
  [/callSoonThreadsafe/, "1\n[ 1, 0 ]\n"],
  [/startWatchdog/, ""],
])("the block with %s runs", (marker, output) => {
  const index = blocks.findIndex((block) => marker.test(block));
  expect(index).toBeGreaterThanOrEqual(0);
  expect(execFileSync(process.execPath, [join(folder, "out", `block-${index}.js`)], { encoding: "utf8", timeout: 30_000 })).toBe(output);
});
