// Counts the modules that an import loads, in a separate process. Each module costs time, so none may be
// loaded before it is needed. Times are measured in bench/.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const listing = fileURLToPath(new URL("fixtures/list-loaded.mjs", import.meta.url));

interface Loaded {
  readonly modules: readonly string[];
  readonly builtins: readonly string[];
}

async function load(...specifiers: string[]): Promise<Loaded> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [listing, ...specifiers], { env });
  return JSON.parse(stdout) as Loaded;
}

it("importing @offloop/core loads only the loop and the contract", async () => {
  const { modules } = await load("@offloop/core");
  expect(modules).toEqual([
    "core/dist/loop/bundle.js",
    "workers/dist/executor/bundle.js",
  ]);
});

it("importing @offloop/core leaves threads, processes, the inspector, v8 and the module loader unloaded", async () => {
  const { builtins } = await load("@offloop/core");
  for (const name of ["worker_threads", "child_process", "inspector", "v8", "module"]) expect(builtins).not.toContain(name);
});

it("importing @offloop/workers loads only its public classes and the contract: no engine, piscina or acorn", async () => {
  const { modules, builtins } = await load("@offloop/workers");
  expect(modules).toEqual([
    "workers/dist/dispatch/face-bundle.js",
    "workers/dist/executor/bundle.js",
  ]);
  for (const name of ["worker_threads", "child_process", "inspector", "stream", "internal/webstreams/readablestream"]) expect(builtins).not.toContain(name);
});
