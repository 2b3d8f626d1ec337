// docs/what-travels.md, row by row: a function that travels has the same result in a worker as in place, and
// a function that is refused is refused with the reason.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { FunctionTravelError } from "#workers/executor/errors.js";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import { Traveller } from "./travel.js";

type AnyFunction = (...args: unknown[]) => unknown;
interface Case {
  fn: AnyFunction;
  args?: unknown[];
  /** How it is called in place, where that takes more than calling it. */
  here?: () => unknown;
  refused?: RegExp;
}

const { rows } = (await import(new URL("../fixtures/function/what-travels.mjs", import.meta.url).href)) as { rows: Record<string, () => Case> };
const text = readFileSync(new URL("../../../../docs/what-travels.md", import.meta.url), "utf8");
/** The tables of functions; what-arrives.test.ts has the table of values. */
const functions = text.slice(0, text.indexOf("## Arguments, results and errors"));
const documented = [...functions.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].filter(([, what]) => what !== "What" && !/^-+$/.test(what ?? "")).map(([, what, how]) => ({ what: what as string, how: how as string }));
const traveller = new Traveller();
afterAll(() => traveller[Symbol.asyncDispose]());

describe("docs/what-travels.md", () => {
  it("has a test for each row, and a row for each test", () => {
    expect(documented.map(({ what }) => what).sort()).toEqual(Object.keys(rows).sort());
  });

  it.each(documented)("$what: $how", async ({ what, how }) => {
    const { fn, args = [], here, refused } = (rows[what] as () => Case)();
    if (refused) {
      expect(how).toMatch(/^refused/);
      const error = await Promise.resolve(locateFunction(fn)).then(() => undefined, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(FunctionTravelError);
      expect((error as Error).message).toMatch(refused);
      return;
    }
    const { payload } = await locateFunction(fn);
    expect(how).toMatch(payload.kind === "reference" ? /^by name/ : /^(as code|copied|by name)/);
    expect(await traveller.run(fn, ...args)).toEqual(await settle(here ? here() : fn(...args)));
  });
});

describe("the programs of docs/what-travels.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-docs-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const blocks = [...text.matchAll(/^```js\n\/\/ (\S+)\n(.+?)^```/gms)].map(([, name, code]) => [name as string, code as string] as const);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(new URL("../../../offloop", import.meta.url)), join(folder, "node_modules/offloop"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, code] of blocks) writeFileSync(join(folder, name), code);

  it.each(blocks.filter(([, code]) => code.includes("console.log")))("%s runs, and prints what it says", async (name, code) => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, name)], { env: { ...process.env, NODE_OPTIONS: "" } });
    for (const [, printed] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)) expect(stdout).toContain(printed);
    expect(stdout).not.toBe("");
  });
});

async function settle(result: unknown): Promise<unknown> {
  const value: unknown = await result;
  if (typeof (value as { next?: unknown } | undefined)?.next !== "function") return value;
  const all: unknown[] = [];
  for await (const each of value as AsyncIterable<unknown>) all.push(each);
  return all;
}
