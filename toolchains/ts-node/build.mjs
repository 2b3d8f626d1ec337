// The program as TypeScript, for ts-node's own command.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = "dist/cjs";
mkdirSync(join(folder, "program"), { recursive: true });
for (const file of ["main", "results", "work"]) writeFileSync(join(folder, "program", `${file}.ts`), readFileSync(`program/${file}.js`, "utf8").replaceAll(/"(\.\/\w+)\.js"/g, '"$1"'));
cpSync("options", join(folder, "program"), { recursive: true });
cpSync("main.mjs", join(folder, "main.mjs"));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "commonjs" }));
// In a folder where a worker would not look for it.
mkdirSync(join(folder, "config"));
const compilerOptions = { module: "commonjs", moduleResolution: "node10", target: "es2022", skipLibCheck: true, types: ["node"] };
writeFileSync(join(folder, "config/tsconfig.json"), JSON.stringify({ compilerOptions, "ts-node": { require: ["../program/required.ts"] } }));
symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
