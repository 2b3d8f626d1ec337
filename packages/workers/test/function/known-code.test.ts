// The code of a function is recognized in the text of its module, also where it travels in other words than it has there.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { GivenModules } from "#workers/function/admitting/given-modules.js";
import { knownCode } from "#workers/function/admitting/known-code.js";
import { readFunction } from "#workers/function/leaving/source/function-syntax.js";

const sources = [
  "function   named ( a , b ) { return function inner () { return Part } }",
  "() => undefined",
  "class Part extends Array { static { globalThis.made = {}; } static at = Date.now() ; get size() { return 1 } }",
  '["a" + "b"] (a) { return import.meta.url + "method" + a; }',
  "set  part ( c ) { }",
  "async *['q r'](z) {}",
];

/** A module with these functions, one a line. */
const [named, arrow, part, ...members] = sources;
const module = `data:text/javascript,${encodeURIComponent([named, `export const arrow = ${arrow};`, part, "export const all = {", ...members.map((each) => `${each},`), "};"].join("\n"))}`;
const lines = [0, 1, 2, 4, 5, 6];

const given = new GivenModules([], [module]);
const codeOf = (code: string, line: number) => ({ name: "f", code, strict: true, isClass: false, variables: [], eager: [], url: module, line, column: 0, importMeta: undefined, usesImport: false });

it.each(sources)("recognizes %s", async (source) => {
  const { code } = readFunction(source, true);
  expect(await knownCode(codeOf(code, lines[sources.indexOf(source)]!), given)).toMatchObject({ code });
});

it.each(sources)("refuses code that differs by a word from %s", async (source) => {
  const { code } = readFunction(source, true);
  const end = code.lastIndexOf("\n");
  const forged = `${code.slice(0, end)} ; process.exit() ${code.slice(end)}`;
  expect(await knownCode(codeOf(forged, lines[sources.indexOf(source)]!), given)).toBeUndefined();
});

it("searches a large module in a thread, and the next search starts another one after a failure", () => {
  const program = `
    import { createRequire } from "node:module";
    import { GivenModules } from ${JSON.stringify(import.meta.resolve("#workers/function/admitting/given-modules.js"))};
    import { knownCode } from ${JSON.stringify(import.meta.resolve("#workers/function/admitting/known-code.js"))};
    const require = createRequire(import.meta.url);
    const threads = require("node:worker_threads");
    const url = "data:text/javascript," + encodeURIComponent("const object = { of(a) { return a } };\\n" + Array.from({ length: 3_000 }, (_, index) => \`function number\${index} ( a , b ) { return a + b + \${index} }\`).join("\\n"));
    const given = new GivenModules([], [url]);
    const find = async (code, line) => {
      try {
        return (await knownCode({ name: "f", code, strict: true, isClass: false, variables: [], eager: [], url, line, column: 0, importMeta: undefined, usesImport: false }, given))?.code;
      } catch (error) {
        return error.code;
      }
    };
    const real = "(function number2000 ( a , b ) { return a + b + 2000 }\\n)";
    // Each word stands in the module.
    const forged = "(function number2000 ( a , b ) { return b + a + 2000 }\\n)";
    const { Worker } = threads;
    threads.Worker = class { constructor() { throw new Error("no room"); } };
    console.log(await find(real, 2001));
    threads.Worker = class extends Worker { constructor(...args) { super(...args); void this.terminate(); } };
    console.log(await find(real, 2001));
    threads.Worker = Worker;
    console.log(...await Promise.all([find(forged, 2001), find(real, 2001), find(real, 2002)]));
    console.log(Object.keys(require.cache).some((file) => file.includes("acorn")));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 30_000 });
  expect(output).toBe("ERR_OFFLOOP_WORKER_START\nERR_OFFLOOP_WORKER_START\nundefined (function number2000 ( a , b ) { return a + b + 2000 }\n) undefined\nfalse\n");
});
