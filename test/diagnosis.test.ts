// The judge of the watchdog: what it reads from a profile of V8's, and what it finds wrong with a report.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
// @ts-expect-error a script without types
import { compare } from "../diagnosis/compare.mjs";
// @ts-expect-error a script without types
import { expectedOf, readProfile } from "../diagnosis/expect.mjs";
// @ts-expect-error a script without types
import { readPrograms } from "../diagnosis/header.mjs";
// @ts-expect-error a script without types
import { table, writeTable } from "../diagnosis/table.mjs";

const folder = mkdtempSync(join(tmpdir(), "diagnosis-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Functions of the profiles below: name, URL, first line. */
const functions: Record<string, [name: string, url: string, line: number]> = {
  handler: ["", "file:///app/server.mjs", 40],
  render: ["render", "file:///app/server.mjs", 10],
  row: ["", "file:///app/server.mjs", 12],
  count: ["count", "file:///app/server.mjs", 30],
  compile: ["compile", "file:///app/node_modules/dep/index.js", 5],
  emit: ["emit", "file:///app/node_modules/dep/index.js", 90],
  template: ["template", "views/table.ejs", 1],
  readFileSync: ["readFileSync", "node:fs", 400],
  require: ["require", "node:internal/modules/helpers", 100],
  open: ["open", "", 0],
  sort: ["sort", "", 0],
  collector: ["(garbage collector)", "", 0],
};

/** A profile from stacks, the outermost function first, each with the number of its samples of 1 ms. */
function profileOf(...stacks: [stack: string, samples: number][]) {
  const nodes: { id: number; callFrame: object; children: number[] }[] = [{ id: 1, callFrame: { functionName: "(root)", url: "", lineNumber: -1, columnNumber: -1 }, children: [] }];
  const known = new Map<string, number>();
  const samples: number[] = [];
  for (const [stack, count] of stacks) {
    let at = 1;
    let path = "";
    for (const key of stack.split(" ").filter(Boolean)) {
      path += ` ${key}`;
      if (!known.has(path)) {
        const [name, url, line] = functions[key]!;
        const id = nodes.length + 1;
        nodes.push({ id, callFrame: { functionName: name === "" ? "(anonymous)" : name, url, lineNumber: line - 1, columnNumber: 0 }, children: [] });
        nodes[at - 1]!.children.push(id);
        known.set(path, id);
      }
      at = known.get(path)!;
    }
    samples.push(...Array.from({ length: count }, () => at));
  }
  return { nodes, samples, timeDeltas: samples.map(() => 1_000), startTime: 5_000_000 };
}

const judged = (...stacks: [string, number][]) => expectedOf(readProfile(profileOf(...stacks)).between(5_000, 6_000));
const names = (places: { frame: { name: string; line: number } }[]) => places.map(({ frame }) => frame.name || frame.line);

describe("what a profile says", () => {
  it("the place is the deepest function of the program with 60 % of the time, whoever calls it", () => {
    expect(names(judged(["handler render compile", 70], ["handler count", 30]).places)).toEqual(["render"]);
    expect(names(judged(["handler render compile", 45], ["handler count render emit", 35], ["handler count", 20]).places)).toEqual(["render"]);
    expect(names(judged(["handler render", 52], ["handler count", 48]).places)).toEqual([40]);
  });

  it("a deeper function whose share is too near to 60 % to tell may be the place too", () => {
    expect(names(judged(["handler render count", 58], ["handler render", 42]).places)).toEqual(["count", "render"]);
    expect(names(judged(["handler render count", 53], ["handler render", 47]).places)).toEqual(["render"]);
  });

  it("an unnamed callback is a part of its nearest caller in the file that has a name", () => {
    expect(names(judged(["handler render sort row", 90], ["handler", 10]).places)).toEqual(["render"]);
  });

  it("a function of a dependency is the place only if none of the program's has the time", () => {
    const { places, foreign } = judged(["compile emit", 80], ["compile render", 20]);
    expect(names(places)).toEqual([]);
    expect(names(foreign)).toEqual(["emit"]);
  });

  it("in a library that calls itself, the function that the samples have in common is as right as a helper that all parts call", () => {
    expect(names(judged(["compile count emit", 40], ["compile emit", 40], ["compile", 20]).foreign)).toEqual(["emit", "compile"]);
  });

  it("code that was made at run time is a dependency's", () => {
    expect(names(judged(["render template", 100]).places)).toEqual(["render"]);
    expect(names(judged(["template", 100]).foreign)).toEqual(["template"]);
  });

  it.each([
    ["script", ["render", 70], ["render readFileSync open", 30]],
    ["native", ["render readFileSync open", 70], ["render", 30]],
    ["native script", ["render readFileSync open", 55], ["render", 45]],
    ["native script", ["render sort", 90], ["render", 10]],
    ["collection", ["collector", 70], ["render", 30]],
    ["collection script", ["collector", 55], ["render", 45]],
    ["loading", ["render require compile", 80], ["render", 20]],
  ] as [string, ...[string, number][]][])("the kind is %s", (kinds, ...stacks) => {
    expect(judged(...stacks).kinds.join(" ")).toBe(kinds);
  });

  it("a module that loads at the start is loaded by Node itself", () => {
    expect(judged(["require compile", 100]).kinds).toEqual(["script"]);
  });

  it("the hot functions are the first three by their own time, with Node's as parts of their callers", () => {
    expect(names(judged(["render sort", 40], ["render compile", 30], ["render compile emit", 20], ["render count", 6], ["handler", 4]).hot)).toEqual(["render", "compile", "emit"]);
  });

  it("frames of the judge and of the watchdog are left out", () => {
    const { between } = readProfile(profileOf(["render compile emit", 10]), (url: string) => url.includes("/dep/"));
    expect(expectedOf(between(5_000, 6_000)).hot.map(({ frame }: { frame: { name: string } }) => frame.name)).toEqual(["render"]);
  });

  it("only samples between two times count", () => {
    expect(readProfile(profileOf(["render", 100])).between(5_010, 5_020)).toHaveLength(10);
  });
});

describe("what is wrong with a report", () => {
  const profile = readProfile(profileOf(["handler render compile", 90], ["handler count", 10]));
  const expected = expectedOf(profile.between(5_000, 6_000));
  const program = { file: "/set/server.mjs", advice: ["toThread(render"] };
  const dep = "/app/node_modules/dep/index.js";
  const stall = { kind: "script", phase: "running", place: { file: "/app/server.mjs", line: 14, column: 3, function: "render" }, hot: { file: dep, line: 7, column: 1, function: "compile" }, fix: "await toThread(render, …)" };
  const wrong = (told: object, of: object = program, said: object = expected) => Object.entries(compare({ ...stall, ...told }, said, of, profile.functions)).filter(([, fault]) => fault !== undefined).map(([part]) => part);

  it("nothing, if all parts fit", () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ place: { ...stall.place, function: "Page.render" } })).toEqual([]);
  });

  it("another function, file or none is a wrong place", () => {
    expect(wrong({ place: { ...stall.place, function: "count", line: 31 } })).toEqual(["place"]);
    expect(wrong({ place: { ...stall.place, file: "/app/other.mjs" } })).toEqual(["place"]);
    expect(wrong({ place: undefined })).toEqual(["place"]);
  });

  it("a function of the same name that begins elsewhere is a wrong place", () => {
    const other = { name: "render", file: "/app/server.mjs", line: 60, column: 1 };
    const compared = compare({ ...stall, place: { ...stall.place, line: 64 } }, expected, program, [...profile.functions, other]);
    expect(compared.place).toBe("/app/server.mjs:64 render instead of /app/server.mjs:10 render (91 %)");
    expect(wrong({ place: { ...stall.place, line: 9 } })).toEqual(["place"]);
  });

  it("the function that awaits is the place where none of the program's runs", () => {
    const awaited = expectedOf(readProfile(profileOf(["compile", 100])).between(5_000, 6_000));
    expect(wrong({ place: { ...stall.place, file: "/run/server.mjs" } }, { ...program, awaits: "render" }, awaited)).toEqual([]);
    expect(wrong({ place: { ...stall.place, file: dep, function: "compile" } }, { ...program, awaits: "render" }, awaited)).toEqual(["place"]);
    expect(wrong({ place: { ...stall.place, file: dep, function: "compile", line: 6 } }, program, awaited)).toEqual([]);
  });

  it("a kind that the shares do not give is wrong, unless the program names it", () => {
    expect(wrong({ kind: "callbacks" })).toEqual(["kind"]);
    expect(wrong({ kind: "callbacks" }, { ...program, kind: ["callbacks", "microtasks"] })).toEqual([]);
    expect(wrong({}, { ...program, kind: ["native"] })).toEqual(["kind"]);
  });

  it("modules that load while the program starts are no stall of kind loading", () => {
    const loading = { ...expected, kinds: ["loading"] };
    expect(wrong({ kind: "script" }, program, loading)).toEqual(["kind"]);
    expect(wrong({ kind: "script", phase: "startup" }, program, loading)).toEqual([]);
  });

  it("a hot function that is not among V8's first three is wrong, also if it is the place", () => {
    expect(wrong({ hot: { file: dep, line: 91, column: 1, function: "emit" } })).toEqual(["hot"]);
    expect(wrong({ hot: undefined }, program, { ...expected, hot: expected.hot.slice(0, 1) })).toEqual(["hot"]);
  });

  it("advice that does not say what the case says is wrong", () => {
    expect(wrong({ fix: "await toThread(compile, …)" })).toEqual(["advice"]);
    expect(wrong({ kind: "collection", fix: "garbage collection held the loop" }, program, { ...expected, kinds: ["collection"] })).toEqual([]);
    expect(wrong({ kind: "loading" }, program, { ...expected, kinds: ["loading"] })).toEqual(["advice"]);
  });

  it("a place in sources that a package ships is compared by its source map", () => {
    // One function, from column 0 of the first line of the bundle to line 3, column 1 of its source.
    writeFileSync(join(folder, "bundle.js"), "function a(){}\n//# sourceMappingURL=bundle.js.map\n");
    writeFileSync(join(folder, "source.ts"), "\n\n function compile() {}\n");
    writeFileSync(join(folder, "bundle.js.map"), JSON.stringify({ version: 3, sources: ["source.ts"], names: [], mappings: "AAEC" }));
    const frame = { name: "a", file: join(folder, "bundle.js"), line: 1, column: 1 };
    const said = { ...expected, places: [{ frame, share: 0.9 }] };
    const place = (file: string, line: number) => compare({ ...stall, place: { file: join(folder, file), line, column: 5, function: "compile" } }, said, program, [frame]).place;
    expect(place("source.ts", 3)).toBeUndefined();
    expect(place("source.ts", 2)).toContain("instead of");
    expect(place("other.ts", 3)).toContain("instead of");
  });
});

describe("the table", () => {
  const program = { name: "express-a", about: "A page is made.", reason: "V8 gives no line." };
  const rows = [
    { program, faults: { place: undefined, kind: undefined } },
    { program, faults: { place: "a | b instead of <c>", kind: undefined } },
  ];

  it("says how many stalls are right, and each miss with its reason", () => {
    expect(table(rows)).toContain("Of 2 stalls of 1 programs, 1 are told right in all parts: the place in 1, the kind in 2");
    expect(table(rows)).toContain("| express-a: A page is made. | place | a \\| b instead of &lt;c> | V8 gives no line. |");
  });

  it("replaces what is between the marks of a page, and needs them", () => {
    const page = join(folder, "page.md");
    writeFileSync(page, "before\n<!-- diagnosis -->\nold\n<!-- /diagnosis -->\nafter\n");
    writeTable(page, rows);
    writeTable(page, rows);
    expect(readFileSync(page, "utf8")).toBe(`before\n<!-- diagnosis -->\n${table(rows)}\n<!-- /diagnosis -->\nafter\n`);
    writeFileSync(page, "no marks");
    expect(() => writeTable(page, rows)).toThrow("has no <!-- diagnosis -->");
  });
});

describe("the programs", () => {
  const programs = readPrograms(fileURLToPath(new URL("../diagnosis/programs", import.meta.url)));

  it("are at least forty, of pinned packages", () => {
    expect(programs.length).toBeGreaterThanOrEqual(40);
    for (const { packages } of programs) for (const spec of packages) expect(spec).toMatch(/^@?[^@]+@\d+\.\d+\.\d+$/);
  });

  it("a line that is misspelt is refused", () => {
    writeFileSync(join(folder, "a.mjs"), "// It counts.\n// packages: a@1.0.0\n// advise: toThread(\n");
    expect(() => readPrograms(folder)).toThrow('a.mjs: unknown line "advise"; it takes packages, requests');
  });
});
