// Uploaded code is compiled by Babel, whose interface is asynchronous.
// packages: fastify@5.12.8 @babel/core@7.29.13 @babel/preset-env@7.29.14 lodash@4.18.1
// inputs: lodash/lodash.js
// requests: POST /compile
// advice: toThread(compile | time goes in @babel/
import { readFileSync } from "node:fs";
import babel from "@babel/core";
import presetEnv from "@babel/preset-env";
import Fastify from "fastify";

const code = readFileSync("input/lodash.js", "utf8");

async function compile(text) {
  const result = await babel.transformAsync(text, { presets: [[presetEnv, { targets: "ie 11" }]], configFile: false, babelrc: false, compact: false });
  return result.code.length;
}

const app = Fastify();
app.post("/compile", async () => ({ length: await compile(code) }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
