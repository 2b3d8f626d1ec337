// The program as one file, which main.mjs puts into a copy of the Node that runs it. The packages are beside it.
import { cpSync } from "node:fs";
import { build } from "esbuild";
import { bundlerPlugin, singleExecutableBanner } from "offloop/bundler";

await build({
  entryPoints: ["program/main.js"],
  bundle: true,
  platform: "node",
  format: "cjs",
  sourcemap: "inline",
  outfile: "dist/cjs/program.cjs",
  banner: { js: singleExecutableBanner },
  plugins: [bundlerPlugin.esbuild()],
  logLevel: "error",
});
cpSync("main.mjs", "dist/cjs/main.mjs");
cpSync("node_modules/postject", "dist/cjs/tools/postject", { recursive: true });
cpSync("node_modules/commander", "dist/cjs/tools/node_modules/commander", { recursive: true });
