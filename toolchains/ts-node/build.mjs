// The program as TypeScript, for ts-node's own command.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = "dist/cjs";
mkdirSync(join(folder, "program"), { recursive: true });
for (const file of ["main", "results", "work"]) writeFileSync(join(folder, "program", `${file}.ts`), readFileSync(`program/${file}.js`, "utf8").replaceAll(/"(\.\/\w+)\.js"/g, '"$1"'));
cpSync("main.mjs", join(folder, "main.mjs"));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { module: "commonjs", moduleResolution: "node10", target: "es2022", skipLibCheck: true, types: ["node"] } }));
symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
