// Four folders of tests: CommonJS as it is, ES modules as they are, and CommonJS by ts-jest and by @swc/jest.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const files = { "results.js": "program/results.js", "work.js": "program/work.js", "program.test.js": "program.test.js", "guard.test.js": "guard.test.js" };
const variants = {
  cjs: { transform: {} },
  esm: { transform: {} },
  "ts-jest": { transform: { "\\.js$": ["ts-jest", { diagnostics: false, tsconfig: { allowJs: true, module: "commonjs", target: "es2022", sourceMap: true } }] } },
  swc: { transform: { "\\.js$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }] } },
};

for (const [name, options] of Object.entries(variants)) {
  const folder = join("dist", name);
  mkdirSync(join(folder, "program"), { recursive: true });
  for (const [file, from] of Object.entries(files)) {
    const text = readFileSync(from, "utf8");
    writeFileSync(join(folder, "program", file), name === "cjs" ? asCommonJs(text) : text);
  }
  cpSync("main.mjs", join(folder, "main.mjs"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: name === "esm" ? "module" : "commonjs" }));
  writeFileSync(join(folder, "jest.config.json"), JSON.stringify({ ...options, testTimeout: 120_000, cacheDirectory: "<rootDir>/.cache" }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "junction");
}

/** The same program as it is written in CommonJS, on the same lines. */
function asCommonJs(text) {
  return text
    .replaceAll(/^import (\{.*\}) from (".*");$/gm, "const $1 = require($2);")
    .replaceAll(/^export (async function|function|class) (\w+)/gm, "exports.$2 = $2; $1 $2")
    .replaceAll(/^exports\.(\w+) = \1; class/gm, "const $1 = exports.$1 = class");
}
