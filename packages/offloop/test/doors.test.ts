// The one install from CommonJS: require() gives the ES modules themselves, and `--require` starts the watchdog.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const cwd = import.meta.dirname;
const require = createRequire(import.meta.url);

it("require() gives what import gives", () => {
  const code = `
    const required = require("offloop");
    import("offloop").then((imported) => console.log(Object.keys(imported).every((name) => imported[name] === required[name]), "toThread" in required));`;
  expect(execFileSync(process.execPath, ["-e", code], { cwd, encoding: "utf8" })).toBe("true true\n");
});

it("exports every name of the three packages", () => {
  const names = ["@offloop/core", "@offloop/workers", "@offloop/watchdog"].flatMap((name) => Object.keys(require(name) as object));
  expect(Object.keys(require("offloop") as object).sort()).toEqual([...new Set(names)].sort());
});

it.each(["@offloop/core", "@offloop/workers", "@offloop/workers/executor", "@offloop/watchdog"])("%s shows the same as a module and to require(), beside names of its own inside", async (name) => {
  const shown = require(name) as Record<string, unknown>;
  const module = (await import(name)) as Record<string, unknown>;
  expect(Object.keys(module).filter((key) => !key.startsWith("_"))).toEqual(Object.keys(shown));
  for (const key of Object.keys(shown)) expect(module[key]).toBe(shown[key]);
});

it("loads only the entry modules of the three packages: no engine of pools, no watchdog, no thread", () => {
  const listing = fileURLToPath(new URL("../../core/test/fixtures/list-loaded.mjs", import.meta.url));
  const { modules, builtins } = JSON.parse(execFileSync(process.execPath, [listing, new URL("../dist/index.js", import.meta.url).href], { encoding: "utf8" })) as Record<string, string[]>;
  expect(modules).toEqual([
    "core/dist/loop/bundle.js",
    "offloop/dist/index.js",
    "watchdog/dist/watched/face-bundle.js",
    "workers/dist/dispatch/face-bundle.js",
    "workers/dist/executor/bundle.js",
  ]);
  for (const name of ["worker_threads", "child_process", "inspector", "stream"]) expect(builtins).not.toContain(name);
});

it.each(["--require", "--import"])("%s offloop/register watches a program that knows nothing of it", async (flag) => {
  // The program holds its loop again and again, until the watchdog has named it.
  const code = "function hold() { const end = Date.now() + 300; while (Date.now() < end); } setInterval(hold, 50);";
  const child = spawn(process.execPath, [flag, "offloop/register", "-e", code], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  for await (const data of child.stderr) {
    output += String(data);
    if (output.includes("the event loop")) break;
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(output).toMatch(/the event loop (was|has been) held for \d+ ms/);
});

it("require() works in a CommonJS module whose text a loader's hook gives", () => {
  expect(execFileSync(process.execPath, ["--import", "./fixtures/texts-of-commonjs.mjs", "fixtures/imports-commonjs.mjs"], { cwd, encoding: "utf8" })).toBe("8\n");
});

// Jest and the vm pools of vitest load modules in such contexts.
const inContext = `
  const { readFileSync } = require("node:fs");
  const { createRequire } = require("node:module");
  const { pathToFileURL } = require("node:url");
  const vm = require("node:vm");
  const context = vm.createContext();
  const ofLanguage = new Set(vm.runInContext("Object.getOwnPropertyNames(globalThis)", context));
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!ofLanguage.has(name)) Object.defineProperty(context, name, Object.getOwnPropertyDescriptor(globalThis, name));
  const host = require(process.env.ENTRY);`;

it.each(["offloop", "@offloop/core", "@offloop/workers", "@offloop/workers/pool", "@offloop/watchdog"])("%s gives the same from require() in a context of node:vm", (entry) => {
  const code = `${inContext}
    const file = require.resolve(process.env.ENTRY);
    const module = { exports: {} };
    const refused = () => { throw new Error("required in the context"); };
    vm.compileFunction(readFileSync(file, "utf8"), ["module", "exports", "require", "__filename"], { parsingContext: context })(module, module.exports, refused, file);
    console.log(module.exports === host);`;
  expect(execFileSync(process.execPath, ["-e", code], { cwd, encoding: "utf8", env: { ...process.env, ENTRY: entry } })).toBe("true\n");
});

it.each(["offloop", "@offloop/core", "@offloop/workers", "@offloop/workers/pool", "@offloop/watchdog"])("%s gives the same as a module in a context of node:vm", (entry) => {
  const code = `${inContext}
    const modules = new Map();
    async function load(file) {
      if (!modules.has(file)) modules.set(file, new vm.SourceTextModule(readFileSync(file, "utf8"), { context, identifier: file, initializeImportMeta: (meta) => (meta.url = pathToFileURL(file).href) }));
      return modules.get(file);
    }
    (async () => {
      // From a path, import.meta.resolve() knows the conditions of import.
      const resolve = async (specifier, from) => (specifier.startsWith(".") ? createRequire(from).resolve(specifier) : require("node:url").fileURLToPath(execFileSync(process.execPath, ["--input-type=module", "-e", "console.log(import.meta.resolve(process.env.NAME))"], { encoding: "utf8", env: { ...process.env, NAME: specifier } }).trim()));
      const { execFileSync } = require("node:child_process");
      const root = await load(await resolve(process.env.ENTRY, __filename));
      await root.link(async (specifier, from) => load(await resolve(specifier, from.identifier)));
      await root.evaluate();
      const names = Object.keys(root.namespace).filter((name) => !name.startsWith("_"));
      console.log(names.length > 0, names.filter((name) => root.namespace[name] !== host[name] && Object(host[name]) === host[name]).join());
    })();`;
  expect(execFileSync(process.execPath, ["--experimental-vm-modules", "--no-warnings", "-e", code], { cwd, encoding: "utf8", env: { ...process.env, ENTRY: entry } })).toBe("true \n");
});
