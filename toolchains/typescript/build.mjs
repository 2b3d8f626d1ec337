// CommonJS by tsc, with both ways to resolve packages. The program is type-checked.
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { resolve } from "node:path";

const common = ["program/main.js", "--allowJs", "--checkJs", "--skipLibCheck", "--target", "es2022", "--sourceMap", "--types", "node"];
for (const [output, options] of [
  ["node10", ["--module", "commonjs", "--moduleResolution", "node10"]],
  ["node16", ["--module", "node16", "--moduleResolution", "node16"]],
]) {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", ...common, ...options, "--outDir", `dist/${output}`], { stdio: "inherit" });
  symlinkSync(resolve("node_modules"), `dist/${output}/node_modules`, "junction");
}
