// The code of a function is recognized in the text of its module, also where it travels in other words than it has there.
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

it.each(sources)("recognizes %s", (source) => {
  const { code } = readFunction(source, true);
  expect(knownCode(codeOf(code, lines[sources.indexOf(source)]!), given)).toMatchObject({ code });
});

it.each(sources)("refuses code that differs by a word from %s", (source) => {
  const { code } = readFunction(source, true);
  const end = code.lastIndexOf("\n");
  const forged = `${code.slice(0, end)} ; process.exit() ${code.slice(end)}`;
  expect(knownCode(codeOf(forged, lines[sources.indexOf(source)]!), given)).toBeUndefined();
});
