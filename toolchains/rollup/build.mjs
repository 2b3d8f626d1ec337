// Two outputs: an ES module, and a CommonJS folder.
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { bundlerPlugin } from "offloop/bundler";
import { rollup } from "rollup";

const bundle = await rollup({ input: "program/main.js", plugins: [nodeResolve(), bundlerPlugin.rollup()] });
await bundle.write({ file: "dist/esm/main.mjs", format: "es", sourcemap: true });
await bundle.write({ dir: "dist/cjs", entryFileNames: "main.cjs", format: "cjs", sourcemap: true });
