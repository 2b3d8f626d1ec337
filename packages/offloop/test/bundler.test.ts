// A bundle with the plug-in, and one without it. Rolldown stands for the others: `npm run toolchains` tries them all.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundlerPlugin } from "offloop/bundler";
import { rolldown } from "rolldown";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "offloop-bundler-"));
/** Where the program would stand: in a package that has offloop installed. */
const at = join(import.meta.dirname, "../../../examples/markdown-server/program.mjs");
afterAll(() => rmSync(folder, { recursive: true }));

async function bundle(name: string, program: string, plugins: readonly { name: string }[]): Promise<string> {
  const source = { name: "program", resolveId: (id: string) => (id === "program" ? at : undefined), load: (id: string) => (id === at ? program : undefined) };
  const build = await rolldown({ input: "program", platform: "node", logLevel: "silent", plugins: [source, ...plugins] });
  await build.write({ dir: join(folder, name), entryFileNames: "main.mjs", format: "esm" });
  await build.close();
  return join(folder, name, "main.mjs");
}

it("runs in a folder where nothing is installed, on threads and on processes", async () => {
  const file = await bundle("with", `import { toProcess, toThread } from "offloop"; const two = 2; const twice = (x) => x * two; console.log(await toThread(twice, 4), await toProcess(twice, 5));`, [bundlerPlugin.rolldown()]);
  expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).toBe("8 10\n");
  expect(existsSync(join(folder, "with/node_modules/@offloop/workers/dist/entry/thread.js"))).toBe(true);
  expect(existsSync(join(folder, "with/node_modules/unplugin"))).toBe(false);
});

it.each([
  ["ThreadPoolExecutor", "new ThreadPoolExecutor()"],
  ["toThread", "toThread(() => 1)"],
  ["toProcess", "toProcess(() => 1)"],
])("without the plug-in, %s names it and what else to write", async (name, code) => {
  const file = await bundle(`without-${name}`, `import { ${name} } from "offloop"; try { await ${code}; } catch (error) { console.log(error.code, error.message); }`, []);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^ERR_OFFLOOP_WORKER_START .*offloop\/bundler.*external/);
});

/** As webpack and Turbopack do. */
const keepUrls = { name: "urls", transform: (code: string, id: string) => ({ code: code.replaceAll("import.meta.url", `'${pathToFileURL(id).href}'`) }) };

it("without the plug-in, a bundle whose modules keep their URLs says so too: it has a second copy of the classes", async () => {
  const file = await bundle("with-urls", `import { toThread, spawnActor } from "offloop"; for (const call of [() => toThread(() => 1), () => spawnActor(class Counter {})]) { try { await call(); } catch (error) { console.log(error.code, error.message); } }`, [keepUrls]);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^ERR_OFFLOOP_WORKER_START .*offloop\/bundler.*serverExternalPackages: \["offloop"\]/)));
});

it("without the plug-in, startWatchdog names it and what else to write", async () => {
  const file = await bundle("without-startWatchdog", `import { startWatchdog } from "offloop"; try { startWatchdog(); } catch (error) { console.log(error.code, error.message); }`, []);
  const { stdout } = spawnSync(process.execPath, [file], { encoding: "utf8" });
  expect(stdout).toMatch(/^ERR_OFFLOOP_WATCHDOG_FAILED .*offloop\/bundler.*out of the bundle/);
});
