// A folder of tests for each of the pools that run them in vm contexts.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

for (const pool of ["vmThreads", "vmForks"]) {
  const folder = join("dist", pool);
  mkdirSync(folder, { recursive: true });
  cpSync("program", join(folder, "program"), { recursive: true });
  for (const file of ["program.test.js", "guard.test.js"]) cpSync(file, join(folder, "program", file));
  cpSync("main.mjs", join(folder, "main.mjs"));
  writeFileSync(join(folder, "vitest.config.mjs"), `export default { test: { pool: "${pool}", globals: true, testTimeout: 120_000 } };\n`);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
}
