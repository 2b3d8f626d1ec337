// A server-side build that bundles its dependencies.
import { bundlerPlugin } from "offloop/bundler";
import { build } from "vite";

await build({
  configFile: false,
  logLevel: "error",
  ssr: { noExternal: true },
  build: { ssr: "program/main.js", outDir: "dist/esm", sourcemap: true, rollupOptions: { output: { entryFileNames: "main.mjs" } } },
  plugins: [bundlerPlugin.vite()],
});
