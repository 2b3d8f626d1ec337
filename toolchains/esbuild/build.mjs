// Three outputs: an ES module, a minified CommonJS file, and an ES module beside installed packages, without the plug-in.
import { symlinkSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { bundlerPlugin } from "offloop/bundler";

const common = { entryPoints: ["program/main.js"], bundle: true, platform: "node", sourcemap: true, logLevel: "error" };
const plugins = [bundlerPlugin.esbuild()];
await build({ ...common, plugins, format: "esm", outfile: "dist/esm/main.mjs" });
await build({ ...common, plugins, format: "cjs", minify: true, outdir: "dist/cjs", outExtension: { ".js": ".cjs" } });
await build({ ...common, packages: "external", format: "esm", outfile: "dist/external/main.mjs" });
symlinkSync(resolve("node_modules"), "dist/external/node_modules", "junction");
