// A function that the calling module imports is named by that import. Programs are run for it, each in a folder with
// packages as libraries write them.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const files: Record<string, string> = {
  // The file that defines the function does not work without the package's other files, as in terser.
  "node_modules/patched/package.json": '{ "main": "./index.js" }',
  "node_modules/patched/lib/tool.js": "exports.run = function run(text) { return exports.prepare(text) + '!'; };",
  "node_modules/patched/index.js": "const tool = require('./lib/tool.js'); tool.prepare = (text) => text.toUpperCase(); exports.run = tool.run;",
  // Exports by getters, as compilers write them: typescript, esbuild, Babel.
  "node_modules/getters/index.js": "const from = { run: (text) => prefix + text }; let prefix = ''; for (const key of ['run']) Object.defineProperty(exports, key, { get: () => from[key], enumerable: true }); prefix = '> ';",
  // A wrapper re-exports what its own script does not, as in sass; only `import` sees it.
  "node_modules/wrapped/package.json": '{ "exports": { "import": "./index.mjs", "require": "./index.cjs" } }',
  "node_modules/wrapped/inner.js": "let state = 0; function compile(text) { return state + text; } exports.load = () => { state = 1; return { compile }; };",
  "node_modules/wrapped/index.cjs": "exports.compile = require('./inner.js').load().compile;",
  "node_modules/wrapped/index.mjs": "import all from './index.cjs'; export const compile = all.compile;",
  // A bound method that is the very value of the export, on the prototype of what is exported, as in less.
  "node_modules/bound/index.js": "const api = { mark: '*', render(text) { return this.mark + text; } }; api.render = api.render.bind(api); module.exports = Object.create(api);",
  "node_modules/deep/index.js": "let calls = 0; module.exports = { v1: { api: { users: { list: (text) => `${text} ${++calls}` } } } };",
  // A name that is no name of the function, as minifiers leave it.
  "node_modules/short/package.json": '{ "exports": "./index.mjs" }',
  "node_modules/short/index.mjs": "let calls = 0; const t = (x) => `${x} ${++calls}`; export { t as transform };",
  "node_modules/loud/package.json": '{ "exports": "./index.mjs" }',
  "node_modules/loud/index.mjs": "globalThis.loads = (globalThis.loads ?? 0) + 1; export const never = () => 'never';",
  "package.json": '{ "type": "module", "imports": { "#own": "./own.js" } }',
  "own.js": "let calls = 0; const hidden = (text) => `${text} ${++calls}`; export const table = { hidden }; export { hidden };",
  "helper.js": "import { toThread } from '@offloop/core'; export const offload = (fn, ...args) => toThread(fn, ...args);",
  "main.js": `
    import { Session } from "node:inspector";
    import { toThread, shutdownDefaultExecutor } from "@offloop/core";
    import { ThreadPoolExecutor } from "@offloop/workers";
    import { run } from "patched";
    import getters from "getters";
    import { compile } from "wrapped";
    import bound from "bound";
    import deep from "deep";
    import * as short from "short";
    import { hidden } from "#own";
    import { offload } from "./helper.js";
    let asked = 0;
    const { post } = Session.prototype;
    Session.prototype.post = function (...args) { asked += 1; return post.apply(this, args); };
    const lazily = () => import("loud"); // not called: to look for names loads nothing
    const got = [await toThread(run, "a"), await toThread(getters.run, "b"), await toThread(compile, "c"), await toThread(bound.render, "d"), await toThread(deep.v1.api.users.list, "e"), await offload(hidden, "f")];
    const inspected = asked;
    got.push(await toThread(short.transform, "g"));
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    for await (const each of pool.map(run, ["h"])) got.push(each);
    await Promise.all([pool.shutdown(), shutdownDefaultExecutor()]);
    console.log(JSON.stringify({ got, inspected, loads: globalThis.loads ?? 0 }));`,
  // A loader drops the types, and with them the import that is for types alone: "loud" is not loaded.
  "strip.mjs": `
    import { register } from "node:module";
    const hooks = "import { readFileSync } from 'node:fs'; export const load = (url, context, next) => url.endsWith('.ts') ? { format: 'module', shortCircuit: true, source: readFileSync(new URL(url), 'utf8').replace(/.*Never }.*| as Any|: Never/g, '') } : next(url, context);";
    register("data:text/javascript," + encodeURIComponent(hooks));`,
  "main.ts": `
    import { toThread, shutdownDefaultExecutor } from "@offloop/core";
    import { run } from "patched";
    import bound from "bound";
    import { never as Never } from "loud";
    const got = [await toThread(run, "a"), await toThread(bound.render as Any, "d")];
    const unused: Never = 1;
    await shutdownDefaultExecutor();
    console.log(JSON.stringify({ got, loads: globalThis.loads ?? 0 }));`,
  "main.cjs": `
    const { Session } = require("node:inspector");
    const { toThread, toProcess, shutdownDefaultExecutor } = require("@offloop/core");
    const { run } = require("patched");
    const get = require("getters");
    const { compile } = require("wrapped");
    const bound = require("bound");
    const deep = require("deep");
    let asked = 0;
    const { post } = Session.prototype;
    Session.prototype.post = function (...args) { asked += 1; return post.apply(this, args); };
    (async () => {
      const got = [await toThread(run, "a"), await toThread(get.run, "b"), await toThread(compile, "c"), await toThread(bound.render, "d"), await toThread(deep.v1.api.users.list, "e"), await toProcess(run, "f")];
      await shutdownDefaultExecutor();
      console.log(JSON.stringify({ got, inspected: asked }));
    })();`,
};

describe("functions that the calling module imports", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "offloop-imports-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    mkdirSync(join(folder, "node_modules/@offloop"));
    for (const name of ["core", "workers"]) symlinkSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), join(folder, "node_modules/@offloop", name), "junction");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (program: string, ...flags: string[]): Promise<unknown> => JSON.parse((await promisify(execFile)(process.execPath, [...flags, join(folder, program)], { cwd: folder })).stdout);

  it("travel by the import of an ECMAScript module, without the inspector, and load nothing", async () => {
    expect(await run("main.js")).toEqual({ got: ["A!", "> b", "1c", "*d", "e 1", "f 1", "g 1", "H!"], inspected: 0, loads: 0 });
  });

  it("travel by the import of a TypeScript module, whose imports for types alone are not loaded", async () => {
    expect(await run("main.ts", "--import", "./strip.mjs")).toEqual({ got: ["A!", "*d"], loads: 0 });
  });

  it("travel by what a CommonJS module has required, without the inspector", async () => {
    expect(await run("main.cjs")).toEqual({ got: ["A!", "> b", "1c", "*d", "e 1", "F!"], inspected: 0 });
  });
});
