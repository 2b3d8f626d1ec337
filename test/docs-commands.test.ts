// The shell commands of the README files and of docs/. Each runs here as a reader would type it, or stands below with the file
// that runs it. docs/five-minutes.md and docs/guides/hosts.md are followed as a whole by tests of their own.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";

const root = join(import.meta.dirname, "..");
const readmes = ["packages", "examples"].flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}/README.md`));
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((page) => page.endsWith(".md")).map((page) => `docs/${page.replaceAll("\\", "/")}`);
const followed = new Set(["docs/five-minutes.md", "docs/guides/hosts.md"]);
const pages = ["README.md", "CONTRIBUTING.md", "bench/README.md", ...docs, ...readmes].filter((page) => !followed.has(page) && existsSync(join(root, page)));

/** Each command with its page, without its comment. */
const commands = pages.flatMap((page) =>
  [...readFileSync(join(root, page), "utf8").matchAll(/^```(?:sh|bash|shell|console)\n(.*?)^```$/gms)].flatMap(([, block]) =>
    block!.split("\n").map((line) => line.replace(/(^|\s+)# .*/, "")).filter((line) => line !== "").map((line) => ({ page, line })),
  ),
);

/** The summary of a watched program. Which stalls it has depends on how busy the machine is, and is the subject of other tests. */
const WATCHED = /^offloop: (?:no stall of the event loop was recorded in|\d+ stalls?, \d+ ms of) \d+ ms/m;

/** What runs here, and what it prints. `PID` and 1234 are the process that holds its loop and lives. */
const here: readonly (readonly [line: string, prints: RegExp])[] = [
  ["npx offloop watch server.js", WATCHED],
  ["npx offloop watch server.js -- --port 3000", /--port,3000/],
  ["npx offloop watch --html report.html server.js", WATCHED],
  ["node --import offloop/register server.js", WATCHED],
  ["npx offloop dump PID", /waits-for-ever\.mjs/],
  ["npx offloop dump 1234", /waits-for-ever\.mjs/],
  ["npx offloop dump 1234 --json", /"pid": ?\d+/],
  ["OFFLOOP_DEBUG=1 node main.js", /^debug true$/m],
];

/** What another file runs, and where it does. */
const elsewhere: readonly (readonly [line: string, file: string, text: string])[] = [
  // The packed packages, in an empty folder.
  ["npm install offloop", ".ci/run", "try_packed"],
  // Its program is compiled and run with the blocks of the docs; the packages are those of the workspace.
  ["npm install @offloop/opentelemetry @opentelemetry/api @opentelemetry/instrumentation", "packages/offloop/test/docs/blocks.test.ts", "OffloopInstrumentation"],
  ["npm install @offloop/prometheus prom-client", "packages/offloop/test/docs/blocks.test.ts", "register\\.contentType"],
  // They end by a signal, or redraw a terminal.
  ["npx offloop attach 1234", "packages/watchdog/test/outside/attach.test.ts", '"attach", String(target.pid)'],
  ["npx offloop attach 1234 --seconds 60 --html report.html", "packages/watchdog/test/outside/attach.test.ts", '"--html", html'],
  ["npx offloop top 1234", "packages/watchdog/test/outside/targets.test.ts", '"top", String(pid)'],
  // A tool of node_modules/.bin; toolchains/tsx runs tsx itself.
  ["npx offloop watch tsx server.ts", "packages/watchdog/test/cli/watch.test.ts", '[command, "watch", "some-tool"'],
  // With a Redis, as a part of the guide to hosts.
  ["npx offloop host --url redis://localhost:6379 --module ./tasks.js --health-port 8080", "docs/guides/hosts.md", "offloop host --module ./tasks.js"],
  // CPython is needed.
  ["pnpm conformance:fuzz", ".ci/run", "scripts/conformance-fuzz.mjs --count"],
  ["pnpm conformance:fuzz --count 5000 --seed 17", ".ci/run", "scripts/conformance-fuzz.mjs --count"],
  ["pnpm conformance:fuzz --node path/to/another/node --features gather,timeout", "scripts/conformance-fuzz.mjs", "features"],
  ["pnpm conformance:fuzz --mains", "scripts/conformance-fuzz.mjs", "mains"],
];

const folder = join(import.meta.dirname, "dist-docs");

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  const bin = join(root, "packages/offloop/dist/bin.js");
  chmodSync(bin, 0o755);
  symlinkSync(bin, join(folder, "node_modules/.bin/offloop"));
  symlinkSync(join(root, "packages/offloop"), join(folder, "node_modules/offloop"));
  const server = "function renderAll() {\n  const end = performance.now() + 1_500;\n  while (performance.now() < end);\n}\nsetTimeout(renderAll, 300);\nconsole.log(String(process.argv.slice(2)));\n";
  for (const name of ["server.js", "server.ts"]) writeFileSync(join(folder, name), server);
  writeFileSync(join(folder, "main.js"), 'import { getEventLoop } from "offloop";\nconsole.log("debug", getEventLoop().debug);\n');
  writeFileSync(join(folder, "waits-for-ever.mjs"), 'console.log("ready");\nfunction waitsForEver() {\n  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);\n  setTimeout(waitsForEver, 5);\n}\nwaitsForEver();\n');
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every command of the docs runs here, or in a file that says so", () => {
  const known = [...here, ...elsewhere].map(([line]) => line);
  // What contributors run in this repository is what all checks run.
  const inRepository = new Set(["CONTRIBUTING.md", "bench/README.md"]);
  expect([...new Set(commands.filter(({ page }) => !inRepository.has(page)).map(({ line }) => line))].sort()).toEqual(known.sort());
  for (const [line, file, text] of elsewhere) expect(readFileSync(join(root, file), "utf8"), line).toContain(text);
});

it("every script that contributors are told to run exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly scripts: Readonly<Record<string, string>> };
  const told = commands.filter(({ page }) => page === "CONTRIBUTING.md" || page === "bench/README.md");
  const names = told.flatMap(({ line }) => [...line.matchAll(/\b(?:npm run|pnpm|npm) ([\w:-]+)/g)].map(([, name]) => name!)).filter((name) => !["install", "start", "test"].includes(name));
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
});

it.each(here)("%s", async (line, prints) => {
  const living = spawn(process.execPath, ["--inspect-port=0", "waits-for-ever.mjs"], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void living.kill("SIGKILL"));
  await once(living.stdout, "data");
  const typed = line.replace(/\b(PID|1234)\b/, String(living.pid));
  const tools = join(root, "node_modules/.bin");
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"], tools].join(delimiter), NODE_OPTIONS: "", NODE_ENV: "", VITEST: "", NO_COLOR: "1", npm_config_offline: "true" };
  const output = await new Promise<string>((resolve) => execFile("sh", ["-c", typed], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => resolve(`${error ? String(error) : ""}${stdout}${stderr}`)));
  expect(output).toMatch(prints);
  if (line.includes("report.html")) expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("<html");
}, 60_000);
