import { bundlerPlugin } from "offloop/bundler";
import { rolldown } from "rolldown";

const bundle = await rolldown({ input: "program/main.js", platform: "node", plugins: [bundlerPlugin.rolldown()] });
await bundle.write({ file: "dist/esm/main.mjs", format: "esm", sourcemap: true, minify: true });
