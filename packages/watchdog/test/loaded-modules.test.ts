// The watchdog stands alone: what it depends on, and what its import loads.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The modules and builtins that a fresh process has loaded after the import. */
async function load(specifier: string): Promise<{ readonly modules: readonly string[]; readonly builtins: readonly string[] }> {
  const { stdout } = await promisify(execFile)(process.execPath, [path("../../core/test/fixtures/list-loaded.mjs"), specifier], { env: { ...process.env, NODE_OPTIONS: "" } });
  return JSON.parse(stdout) as { modules: string[]; builtins: string[] };
}

it("has no dependencies", () => {
  const manifest = JSON.parse(readFileSync(path("../package.json"), "utf8")) as Record<string, object | undefined>;
  expect(manifest["dependencies"]).toBeUndefined();
  expect(manifest["optionalDependencies"]).toBeUndefined();
  expect(manifest["peerDependenciesMeta"]).toEqual({ "@types/node": { optional: true }, vitest: { optional: true } });
  expect(Object.keys(manifest["peerDependencies"]!)).toEqual(["@types/node", "vitest"]);
});

it.each([
  ["@offloop/watchdog", ["watchdog/dist/watched/face-bundle.js"]],
  ["@offloop/watchdog/hook", ["watchdog/dist/hook.js", "watchdog/dist/watched/face-bundle.js"]],
])("importing %s loads nothing of another package, no thread and no inspector", async (specifier, expected) => {
  const { modules, builtins } = await load(specifier);
  expect(modules).toEqual(expected);
  for (const name of ["worker_threads", "child_process", "inspector", "v8", "http", "stream"]) expect(builtins).not.toContain(name);
});
