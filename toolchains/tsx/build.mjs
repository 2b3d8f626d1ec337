// The program as TypeScript, as ES modules and as CommonJS.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

for (const [name, type] of [["esm", "module"], ["cjs", "commonjs"]]) {
  const folder = join("dist", name);
  mkdirSync(join(folder, "program"), { recursive: true });
  for (const file of ["main", "results", "work"]) cpSync(`program/${file}.js`, join(folder, "program", `${file}.ts`));
  cpSync("main.mjs", join(folder, "main.mjs"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
}
