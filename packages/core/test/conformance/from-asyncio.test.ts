// docs/from-asyncio.md: runs each row of its tables, and compares the result, or the error, with the last column.
import * as core from "@offloop/core";
import { plain, plainHere } from "../fixtures/context-vars.mjs";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/from-asyncio.md"), "utf8");
const sections = page.split(/^## /m);
const section = (title: string): string => sections.find((each) => each.startsWith(`${title}\n`)) ?? "";
const rowsOf = (text: string) => [...text.matchAll(/^\| (.+?) \| `(.+)` \| `(.+)` \|$/gm)].map(([, asyncio, offloop, gives]) => ({ asyncio: asyncio!, offloop: offloop!, gives: gives! }));
const table = sections[0]!;
const rows = rowsOf(table);
const executors = rowsOf(section("From concurrent.futures"));
const errors = rowsOf(section("Common errors"));
afterAll(() => core.shutdownDefaultExecutor());

const scope = {
  ...core,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  double: (x: number) => x * 2,
  main: async () => "main's result",
  work: async () => "done",
  user: plain,
  readUser: plainHere,
  slow: () => core.sleep(3_600_000),
  fails: async () => {
    throw new RangeError("no");
  },
};

/** Rows whose code is a main of its own: the loop that they make is the only one. */
const outermost = /\brun\(|new Runner|new EventLoop/;

/** Lowers `await using` to `try`: Node 20 and 22 do not parse it. */
function lowered(code: string): string {
  const using = /await using (\w+) = ((?:[^;{}]|\{[^{}]*\})+);?/.exec(code);
  if (using === null) return code;
  const [all, name, value] = using as unknown as [string, string, string];
  const before = code.slice(0, using.index);
  const rest = code.slice(using.index + all.length);
  // The resource lives to the end of the block that it stands in.
  let depth = 0;
  let end = 0;
  while (end < rest.length && !(rest[end] === "}" && depth === 0)) {
    if (rest[end] === "{") depth += 1;
    if (rest[end] === "}") depth -= 1;
    end += 1;
  }
  return `${before} const ${name} = ${value}; try { ${lowered(rest.slice(0, end))} } finally { await ${name}[Symbol.asyncDispose]() } ${lowered(rest.slice(end))}`;
}

function compile(code: string): () => Promise<unknown> {
  const statements = lowered(/\breturn\b/.test(code) || code.startsWith("try") ? code : `return ${code}`);
  const names = Object.keys(scope);
  // oxlint-disable-next-line no-new-func -- the page's own code
  const make = new Function(...names, `return async () => { ${statements} };`) as (...values: unknown[]) => () => Promise<unknown>;
  return make(...Object.values(scope));
}

it("runs each row of each table", () => {
  expect(rows.length).toBeGreaterThan(60);
  expect(table.split("\n").filter((line) => line.startsWith("| ")).length).toBe(rows.length + 1);
  expect(executors.length).toBeGreaterThan(15);
  expect(section("From concurrent.futures").split("\n").filter((line) => line.startsWith("| ")).length).toBe(executors.length + 1);
  expect(errors.length).toBeGreaterThan(10);
});

it.each(rows)("$asyncio", async ({ offloop, gives }) => {
  const program = compile(offloop);
  const given = outermost.test(offloop) ? await program() : await core.run(program, { loopFactory: () => new core.VirtualTimeLoop() });
  const expected: unknown = gives === "undefined" ? undefined : JSON.parse(gives);
  expect(given).toEqual(expected);
});

it.each(executors)("$asyncio", async ({ offloop, gives }) => {
  expect(await core.run(compile(offloop))).toEqual(JSON.parse(gives));
});

it.each(errors)("$asyncio", async ({ offloop, gives }) => {
  const program = compile(offloop);
  const error = await (outermost.test(offloop) ? program() : core.run(program)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toContain(gives);
});
