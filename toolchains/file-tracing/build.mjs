// The files that a tracer finds, as in the archive of a serverless function: nothing else is there.
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFileTrace } from "@vercel/nft";
import { build } from "esbuild";

// The modules stay apart, as `tsc` writes them.
await build({ entryPoints: ["program/*.js"], format: "cjs", sourcemap: "inline", outdir: "commonjs" });
writeFileSync("commonjs/package.json", JSON.stringify({ type: "commonjs" }));
for (const [name, entry] of [["esm", "program/main.js"], ["cjs", "commonjs/main.js"]]) {
  const folder = join("dist", name);
  const { fileList } = await nodeFileTrace([entry]);
  for (const file of fileList) cpSync(file, join(folder, file));
  writeFileSync(join(folder, "main.mjs"), `import "./${entry}";\n`);
}
