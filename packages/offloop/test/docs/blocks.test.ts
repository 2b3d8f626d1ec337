// The TypeScript blocks of the README files and of docs/, as a reader would paste them: each compiles, and
// each that is a whole program runs and prints what it should.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { startRedis } from "../../../../scripts/servers.mjs";
import { afterAll, beforeAll, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../../../..");
// Inside the package, so that the blocks find `offloop` by its own name and the other packages as its dependencies.
const folder = join(import.meta.dirname, "../../dist-docs");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const foldersOf = (parent: string): string[] => readdirSync(join(repository, parent)).map((name) => `${parent}/${name}`);
const pages = [
  "README.md",
  ...readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" }).filter((page) => page.endsWith(".md")).map((page) => `docs/${page.replaceAll("\\", "/")}`),
  ...[...foldersOf("packages"), ...foldersOf("examples")].map((parent) => `${parent}/README.md`),
];
/** A block followed by a block of text is a whole program, and the text is what it prints. The first line of a block may name its file. */
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(repository, page), "utf8").matchAll(/^```ts\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms)].map(([, code, output], index) => ({ page, code: code!, output, name: /^\/\/ (\w+)\.ts\n/.exec(code!)?.[1] ?? `${page.slice(0, -".md".length).replaceAll("/", "-")}-${index}` })),
);

/** The blocks of JavaScript, each with its page, or the folder of its page if all pages of the folder are run alike. */
const javascript = pages.flatMap((page) => [...readFileSync(join(repository, page), "utf8").matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => ({ page: page.replace(/(?<=coming-from\/).*/, ""), code: code! })));
/** For each such page, the file that runs its programs, and where that file names the page. */
const runs: Record<string, readonly [file: string, text: string]> = {
  "README.md": ["scripts/first-programs.mjs", "README.md"],
  "docs/actors.md": ["packages/workers/test/actor/docs.test.ts", "docs/actors.md"],
  "docs/coming-from/": ["site/test/coming-from.test.ts", "docs/coming-from"],
  "docs/five-minutes.md": ["scripts/five-minutes.mjs", "docs/five-minutes.md"],
  "docs/guides/hosts.md": ["packages/bullmq/test/guide.test.ts", "docs/guides/hosts.md"],
  "docs/toolchains.md": ["toolchains/esbuild/build.mjs", "bundlerPlugin.esbuild()"],
  "docs/watchdog.md": ["packages/offloop/test/docs/blocks.test.ts", "the line of docs/watchdog.md"],
  "docs/what-travels.md": ["packages/workers/test/function/what-travels.test.ts", "the programs of docs/what-travels.md"],
};

/** What a block takes from the program around it: declared for its page, but for what it declares itself, and for each server. A block with a name is a module. */
function surroundings({ page, code }: { page: string; code: string }): string {
  if (/^\/\/ \w+\.ts\n/.test(code)) return "";
  const files = [`${page.slice(0, -".md".length).replaceAll("/", "-")}.txt`, ...(code.includes("app.get") ? ["app.txt"] : [])];
  const lines = files.map((file) => join(import.meta.dirname, "surroundings", file)).flatMap((path) => (existsSync(path) ? readFileSync(path, "utf8").split("\n") : []));
  const declaredByBlock = (line: string): boolean => {
    const name = /^declare const (\w+):/.exec(line)?.[1];
    return name !== undefined && new RegExp(`\\b(const|using) ${name}\\b`).test(code);
  };
  return lines.filter((line) => !declaredByBlock(line)).join("\n");
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  cpSync(join(import.meta.dirname, "blocks"), folder, { recursive: true });
  for (const block of blocks) writeFileSync(join(folder, `${block.name}.ts`), `${block.code}${surroundings(block)}export {};\n`);
  const options = { target: "ES2023", lib: ["ES2023", "ESNext.Disposable"], module: "NodeNext", strict: true, types: ["node"], skipLibCheck: true, experimentalDecorators: true, outDir: "out", rootDir: "." };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every block compiles", () => {
  expect(blocks.length).toBeGreaterThanOrEqual(25);
  const compile = (): string => {
    try {
      return execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  expect(compile()).toBe("");
});

it("every block of JavaScript is on a page whose programs a test runs", () => {
  expect([...new Set(javascript.map(({ page }) => page))].sort()).toEqual(Object.keys(runs).sort());
  for (const [file, text] of Object.values(runs)) expect(readFileSync(join(repository, file), "utf8")).toContain(text);
});

it("every block of JSON is JSON", () => {
  const found = pages.flatMap((page) => [...readFileSync(join(repository, page), "utf8").matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text!) as unknown));
  expect(found.length).toBeGreaterThanOrEqual(2);
});

it("the set-up of docs/observability.md works in a worker", () => {
  expect(execFileSync(process.execPath, [join(folder, "out/traced-worker.js")], { encoding: "utf8", timeout: 30_000 })).toBe("number\n");
});

it("the line of docs/watchdog.md names the task that runs", () => {
  const { code } = javascript.find(({ page }) => page === "docs/watchdog.md")!;
  expect(execFileSync(process.execPath, ["-e", `const job = { name: "send mail" };\n${code}console.log(globalThis[Symbol.for("offloop.running.v1")].get("my-queue")());`], { encoding: "utf8" })).toBe("{ task: 'send mail' }\n");
});

it.each<[RegExp, string]>([
  [/maxTasksPerWorker: 1_000/, "1\n2\n3\n1\n2\n453 1000 4 2\n"],
  [/instanceof CancelledError/, "true\n"],
  [/VirtualTimeLoop/, "a,b 453 cancelled\nan hour later\n"],
  [/new PoolExecutor/, "port 453\n"],
  [/modulesBelow/, "tasks/render.js\n"],
  [/callSoonThreadsafe/, "1\n[ 1, 0 ]\n"],
  [/startWatchdog/, ""],
  [/jobs\.get\(\), stop\.wait\(\)/, "undefined true CancelledError\n"],
  [/from "pino"/, ""],
  [/register\.contentType/, 'offloop_call_run_seconds_count{executor="thread",kind="thread",outcome="fulfilled"} 1\n'],
  [/OffloopInstrumentation/, "checksum child\nrequest root\n"],
])("the block with %s runs", (marker, output) => {
  const block = blocks.find(({ code }) => marker.test(code));
  expect(block).toBeDefined();
  expect(execFileSync(process.execPath, [join(folder, "out", `${block!.name}.js`)], { encoding: "utf8", timeout: 30_000 })).toBe(output);
});

const programs = blocks.filter(({ output }) => output !== undefined);

it("every block has its output, on a page that says so", () => {
  const saysSo = new Set(pages.filter((page) => readFileSync(join(repository, page), "utf8").includes("Each block is a whole program")));
  expect(saysSo.size).toBeGreaterThanOrEqual(4);
  expect(blocks.filter(({ page, output }) => saysSo.has(page) && output === undefined)).toEqual([]);
});

it.each(programs)("the program $name runs", ({ name, output }) => {
  expect(execFileSync(process.execPath, [join(folder, "out", `${name}.js`)], { encoding: "utf8", timeout: 30_000, env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" } })).toBe(output);
});

it.each([/new Runner/, /parse runs on a worker/])("the test with %s passes", (marker) => {
  const block = blocks.find(({ code }) => marker.test(code))!;
  const output = execFileSync(process.execPath, ["--test", "--test-reporter=tap", join(folder, "out", `${block.name}.js`)], { encoding: "utf8", timeout: 30_000, env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
  expect(output).toMatch(/^# pass 1$/m);
  expect(output).toMatch(/^# fail 0$/m);
});

it("the program of docs/bullmq.md runs a job from Redis", async () => {
  const redis = await startRedis();
  const output = execFileSync(process.execPath, [join(folder, "out/docs-bullmq-0.js")], { encoding: "utf8", timeout: 30_000, env: { ...process.env, REDIS_URL: redis.url } });
  await redis.stop();
  expect(output).toBe("294\n");
});

it("the server of docs/from-asyncio.md drains when it gets a signal", async () => {
  const block = blocks.find(({ code }) => code.includes("drained"))!;
  const server = spawn(process.execPath, [join(folder, "out", `${block.name}.js`)], { stdio: ["ignore", "pipe", "inherit"], timeout: 30_000 });
  let output = "";
  server.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") server.kill("SIGTERM");
    output += text;
  });
  const [code] = (await once(server, "close")) as [number | null];
  expect([output, code]).toEqual(["ready\ndrained\n", 0]);
});
