// The functions that the calling thread runs for a process: only those that the process was given with its calls. A task
// can write any message to the socket of its process.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FunctionTravelError, ProcessPoolExecutor } from "@offloop/workers";
import { afterEach, describe, expect, it } from "vitest";
import { encodeMessage } from "#workers/frames/message-encoder.js";
import { admit } from "#workers/function/admitting/admit.js";

const fixture = (name: string): string => new URL(`../fixtures/given/${name}`, import.meta.url).href;
const tasks = fixture("tasks.mjs");
/** The lines of two functions there, counted from zero. */
const [arrowLine, builtinLine] = ["(x) => x * 10", "(each) => existsSync"].map((text) => readFileSync(fileURLToPath(tasks), "utf8").split("\n").findIndex((line) => line.includes(text)));
const reference = (module: string, path: string, more: object = {}) => ({ kind: "reference" as const, module, export: path, loader: "import" as const, name: path, ...more });
const code = (text: string, more: object = {}) => ({ name: "f", code: `(${text}\n)`, strict: true, isClass: false, variables: [], eager: [], url: tasks, line: 0, column: 0, importMeta: undefined, usesImport: false, ...more });
const NO_CAPTURES = { variables: [[]], patches: [], instances: [], defined: [], bare: [], remade: [], collections: [], properties: [], heirs: [] };
const program = (functions: object[], more: object = {}) => ({ kind: "value" as const, key: "forged", name: "f", functions, links: [], cells: [], captures: NO_CAPTURES, ...more });

let pool: ProcessPoolExecutor | undefined;
afterEach(async () => {
  await pool?.shutdown({ timeoutMs: 0 });
  pool = undefined;
});

describe("what a process may request", () => {
  it("functions of a module, of its imports and of packages, and code that stands in it", async () => {
    pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    (globalThis as { hereIs?: string }).hereIs = "here";
    const { asksAll } = (await import(tasks)) as { asksAll: (file: string) => Promise<unknown> };
    expect(await pool.submit(asksAll, fileURLToPath(tasks))).toEqual({
      otherProcess: true, exported: "here", imported: 8, ofClass: 12, ofPackage: true, unexported: 5, arrow: 40, nested: 9, method: 5, object: 3, class: 4,
      builtin: true, dynamic: 10, meta: true, collection: "/x", global: 7, scheduled: true,
    });
  });

  it("the same of CommonJS, in a module that the caller has not loaded", async () => {
    pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    expect(await pool.submit({ module: fixture("tasks.cjs"), export: "asksAll" } as never, fileURLToPath(tasks) as never)).toEqual({
      imported: 2, ofPackage: true, unexported: 5, arrow: 2, builtin: true, required: 4,
    });
  });

  it.each(["mjs", "cjs"])("code of the program's entry, and what it imports (%s)", (type) => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-"));
    try {
      const workers = type === "mjs" ? import.meta.resolve("@offloop/workers") : createRequire(import.meta.url).resolve("@offloop/workers");
      const head = type === "mjs"
        ? `import { fromThread, ProcessPoolExecutor } from ${JSON.stringify(workers)};\nimport { hostname } from "node:os";\nimport * as all from "./helper.mjs";\nimport { add } from "./helper.mjs";`
        : `const { fromThread, ProcessPoolExecutor } = require(${JSON.stringify(workers)});\nconst { hostname } = require("node:os");\nconst all = require("./helper.cjs");\nconst { add } = all;`;
      writeFileSync(join(folder, "helper.mjs"), `export const add = (a, b) => a + b + (globalThis.more ?? 0);`);
      writeFileSync(join(folder, "helper.cjs"), `exports.add = (a, b) => a + b + (globalThis.more ?? 0);`);
      writeFileSync(join(folder, `main.${type}`), `${head}
        globalThis.more = 100;
        const factor = Number("3");
        const own = (x) => x * factor;
        class Pair { constructor(a) { this.a = a; } sum() { return this.a + factor; } }
        async function main() {
          const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
          console.log(JSON.stringify(await pool.submit(async () => [
            await fromThread(add, 1, 2),
            await fromThread((x) => add(x, 1), 2),
            await fromThread((x) => all.add(x, 1), 3),
            await fromThread(own, 2),
            await fromThread(() => { const inner = (x) => own(x) + 1; return inner(3); }),
            await fromThread(() => new Pair(4).sum()),
            await fromThread(() => typeof hostname()),
            await fromThread(async function named(x) { return x; }, 6),
          ])));
          await pool.shutdown();
        }
        main();`);
      expect(JSON.parse(execFileSync(process.execPath, [join(folder, `main.${type}`)], { encoding: "utf8", timeout: 30_000 }))).toEqual([103, 103, 104, 6, 10, 7, "string", 6]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what a process may not request", () => {
  const given = [reference(tasks, "asksAll")];
  const sent = program([code("async (x) => { const inner = (y) => y + x; return inner(1); }", { url: "file:///main.mjs" })]);
  const arrow = (more: object) => program([code("(x) => x * 10", { line: arrowLine, ...more })]);
  const link = { kind: "import", specifier: "node:fs", name: "existsSync", from: tasks };
  /** Captures whose first variable holds the first link. */
  const inFirst = () => {
    const first = [undefined];
    return { variables: [first], patches: [[first, 0, 1]] };
  };
  /** A function of the module, with a link in its first variable. */
  const holds = (held: object, captures: () => object = inFirst) =>
    program([code("(each) => existsSync(each) && path.isAbsolute(each)", { line: builtinLine, variables: ["existsSync"] })], { links: [held], captures: { ...NO_CAPTURES, ...captures() } });

  it.each<[string, () => object]>([
    ["a global", () => reference("global", "process.exit", { loader: "global" })],
    ["eval", () => reference("global", "eval", { loader: "global" })],
    ["Function", () => reference("global", "Function", { loader: "global" })],
    ["a builtin", () => reference("node:child_process", "execSync")],
    ["a builtin without its scheme", () => reference("fs", "rmSync")],
    ["a builtin that a given module imports", () => reference("node:fs", "rmSync", { from: tasks })],
    ["a module that was not given", () => reference(fixture("victim.mjs"), "strike")],
    ["another instance of a given module", () => reference(`${tasks}?again`, "asksAll")],
    ["a module by an import that does not exist", () => reference("./victim.mjs", "strike", { from: tasks })],
    ["a module of code", () => reference("data:text/javascript,export const f = () => 1", "f")],
    ["a module of code, from a given module", () => reference("data:text/javascript,export const f = () => 1", "f", { from: tasks })],
    ["offloop itself", () => reference(import.meta.resolve("@offloop/workers"), "spawnActor")],
    ["offloop itself, from a given module", () => reference("@offloop/workers", "spawnActor", { from: tasks })],
    ["the platform by way of an export", () => reference(tasks, "asksAll.constructor")],
    ["a prototype", () => reference(tasks, "asksAll.__proto__.apply")],
    ["code", () => program([code("() => globalThis.process.exit(9)")])],
    ["code without a script", () => program([code("() => 1", { url: "" })])],
    ["code of a module that was not given", () => program([code("(what) => globalThis.victims.push(what)", { url: fixture("victim.mjs"), line: 2 })])],
    ["code beside code of a given module", () => program([code("(x) => x * 10", { line: arrowLine }), code("() => 2")])],
    ["a part of a given module that is no function of it", () => program([code('"./helper.mjs"')])],
    ["a part of sent code that is no function of it", () => program([code("y + x", { url: "file:///main.mjs" })])],
    ["a variable that the code does not use", () => arrow({ variables: ["x = process.exit(9)"] })],
    ["a global as a captured value", () => holds(reference("global", "eval", { loader: "global" }))],
    ["a builtin that its module does not import, as a captured value", () => holds({ ...link, specifier: "node:child_process", name: "execSync" })],
    ["another export of a builtin that its module imports, as a captured value", () => holds({ ...link, name: "rmSync" })],
    ["a builtin in another variable than that of its import", () => program([code("(x) => double(x)", { variables: ["double"] })], { links: [link], captures: { ...NO_CAPTURES, ...inFirst() } })],
    ["a builtin in an object", () => holds(link, () => ({ variables: [[{}]], patches: [[{}, "fn", 1]] }))],
    ["a builtin of another module, as a captured value", () => holds({ ...link, from: fixture("victim.mjs") })],
    ["a module that was not given, as a captured value", () => holds(reference(fixture("victim.mjs"), "strike"))],
    ["offloop itself, as a captured value", () => holds(reference(new URL("../../dist/dispatch/face-bundle.js", import.meta.url).href, "spawnActor"))],
    ["require, in another variable", () => holds({ kind: "require", from: tasks })],
  ])("%s", async (_, forged) => {
    await expect(admit(forged() as never, [...given, sent] as never, [])).rejects.toThrow(FunctionTravelError);
  });

  it("the unchanged forms of these are given", async () => {
    const ask = async (payload: object): Promise<object> => (await admit(payload as never, [...given, sent] as never, [fixture("victim.mjs")])).payload;
    for (const payload of [
      arrow({}), holds(link), reference(tasks, "here"), reference(fixture("helper.mjs"), "double"), reference("acorn", "parse", { from: tasks }),
      program([code("(y) => y + x", { url: "file:///main.mjs", variables: ["x"] })]), reference(fixture("victim.mjs"), "strike"),
    ]) expect(await ask(payload)).toMatchObject({ kind: (payload as { kind: string }).kind });
  });

  it("no program takes the place of another one under the same key", async () => {
    const admitted = await Promise.all([arrow({}), holds(link)].map((payload) => admit(payload as never, given, [])));
    expect(new Set(admitted.map(({ payload }) => (payload as { key: string }).key)).size).toBe(2);
  });

  it("by messages that a task writes to its socket", async () => {
    pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    const marks = (globalThis as { victims?: unknown[] }).victims ??= [];
    const request = (fn: number, payload: object, more: object = {}) => encodeMessage({ type: "callBack", id: 0, call: 0, name: "f", fn, args: ["struck"], payload, ...more } as never);
    const strike = "(what) => globalThis.victims.push(what)";
    const frames = [
      request(1001, reference(fixture("victim.mjs"), "strike")),
      request(1002, program([code(strike)])),
      request(1003, reference("global", "eval", { loader: "global" }), { args: ["globalThis.victims.push('struck')"] }),
      request(1004, reference("global", "Reflect.construct", { loader: "global" })),
      request(1006, program([code("(x) => x * 10", { line: arrowLine })], { captures: "each call" }), { captures: { ...NO_CAPTURES, remade: [{ name: "Function", args: ["globalThis.victims.push('struck')"], places: [] }] } }),
    ];
    // The caller reports the error of each such request, because the worker waits for no answer.
    const errors: Error[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => errors.push(error));
    try {
      const { asksAll, forges } = (await import(tasks)) as { asksAll: (file: string) => Promise<unknown>; forges: (frames: Buffer[]) => Promise<void> };
      await pool.submit(forges, frames.map((frame) => Buffer.concat(frame as readonly Buffer[])));
      await pool.submit(asksAll, fileURLToPath(tasks)); // requests begin in the order of their arrival
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
    expect(marks).toEqual([]);
    expect(errors.map((error) => error instanceof FunctionTravelError)).toEqual([true, true, true, true, true]);
  });
});
