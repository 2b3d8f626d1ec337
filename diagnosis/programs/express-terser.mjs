// A service minifies scripts.
// packages: express@5.3.0 terser@5.51.4 lodash@4.18.1
// inputs: lodash/lodash.js
// requests: POST /minify
// awaits: minifyScript
// advice: toThread(minifyScript
import { readFileSync } from "node:fs";
import express from "express";
import { minify } from "terser";

const script = readFileSync("input/lodash.js", "utf8").slice(0, 150_000).replace(/^.*\(function\(\) \{/s, "").split("\n").slice(0, 1_200).join("\n");

async function minifyScript(text) {
  const { code } = await minify(`function all() { ${Array.from({ length: 400 }, (_, id) => `function f${id}(first, second) { const sum = first + second * ${id}; if (sum > ${id}) { return [sum, first, second].map((value) => value + 1); } return text(sum); }`).join("\n")} return [${Array.from({ length: 400 }, (_, id) => `f${id}`)}]; } console.log(all, ${text.length})`, { compress: { passes: 2 } });
  return code.length;
}

const app = express();
app.post("/minify", async (_request, response) => response.json(await minifyScript(script)));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
