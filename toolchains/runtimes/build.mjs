// A folder for each runtime beside Node.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

for (const [name, command] of [["bun", ["bun"]], ["deno", ["deno", "run", "-A"]]]) {
  const folder = join("dist", name);
  mkdirSync(folder, { recursive: true });
  cpSync("program", join(folder, "program"), { recursive: true });
  for (const file of ["partial.js", "counter.js"]) cpSync(file, join(folder, "program", file));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const [file, ...args] = command;
  writeFileSync(join(folder, "main.mjs"), `import { execFileSync } from "node:child_process";\nexecFileSync("node_modules/.bin/${file}", ${JSON.stringify([...args, "program/partial.js"])}, { stdio: "inherit" });\n`);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
}
