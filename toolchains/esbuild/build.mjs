// Two outputs: an ES module, and a minified CommonJS file.
import { build } from "esbuild";
import { bundlerPlugin } from "offloop/bundler";

const common = { entryPoints: ["program/main.js"], bundle: true, platform: "node", sourcemap: true, logLevel: "error", plugins: [bundlerPlugin.esbuild()] };
await build({ ...common, format: "esm", outfile: "dist/esm/main.mjs" });
await build({ ...common, format: "cjs", minify: true, outdir: "dist/cjs", outExtension: { ".js": ".cjs" } });
