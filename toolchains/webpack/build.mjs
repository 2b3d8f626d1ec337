// Two outputs: a CommonJS file, and an ES module.
import { resolve } from "node:path";
import { bundlerPlugin } from "offloop/bundler";
import webpack from "webpack";

const common = { mode: "production", target: "node20", entry: "./program/main.js", devtool: "source-map", plugins: [bundlerPlugin.webpack()] };
const configurations = [
  { ...common, output: { path: resolve("dist/cjs"), filename: "main.cjs" } },
  { ...common, experiments: { outputModule: true }, output: { path: resolve("dist/esm"), filename: "main.mjs", module: true, chunkFormat: "module", library: { type: "module" } } },
];
await new Promise((done, failed) => {
  webpack(configurations, (error, stats) => (error !== null || stats.hasErrors() ? failed(error ?? new Error(stats.toString())) : done()));
});
