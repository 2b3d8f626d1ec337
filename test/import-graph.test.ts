// Checks the floors of ARCHITECTURE.md: no package has an import cycle, or an import from a higher floor. Type
// imports count too, because readers follow them as well.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lone, plans } from "./floors.ts";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/** Imports, re-exports, `import()` and `import("…")` types. `new URL("./x.js", …)` starts a worker and is no import. */
const specifiers = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s*|\brequire\(\s*)"([^"]+)"/gm;
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

interface Module {
  /** The path below `src/`, without its extension. */
  readonly name: string;
  /** The modules of its package that it imports. */
  readonly own: readonly string[];
  /** The packages that it imports, Node's own left out. */
  readonly foreign: readonly string[];
}

function readModules(packageName: string): Module[] {
  const src = join(packages, packageName, "src");
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readModule(file.slice(0, -".ts".length).replaceAll("\\", "/"), readFileSync(join(src, file), "utf8")));
}

function readModule(name: string, code: string): Module {
  const targets = [...code.replaceAll(comments, "").matchAll(specifiers)].map(([, specifier]) => specifier!);
  return {
    name,
    own: targets.filter((target) => target.startsWith(".")).map((target) => posix.join(posix.dirname(name), target).replace(/\.js$/, "")),
    foreign: targets.filter((target) => !target.startsWith(".") && !target.startsWith("node:")),
  };
}

/** The modules of one import cycle, in order; `undefined` without a cycle. */
function findCircle(modules: readonly Module[]): string | undefined {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const clean = new Set<string>();
  const visit = (name: string, path: readonly string[]): string | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name].join(" → ");
    if (clean.has(name)) return undefined;
    for (const next of byName.get(name)?.own ?? []) {
      const circle = visit(next, [...path, name]);
      if (circle !== undefined) return circle;
    }
    clean.add(name);
    return undefined;
  };
  for (const { name } of modules) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

it("has a floor plan for each package", () => {
  expect(readdirSync(packages).sort()).toEqual(Object.keys(plans).sort());
});

it("finds a cycle of type imports", () => {
  const code = 'import type { A } from "./a.js";';
  expect(findCircle([readModule("x/b", code), readModule("x/a", 'type B = import("./b.js").B;')])).toBe("x/b → x/a → x/b");
});

describe.each(Object.entries(plans))("packages/%s", (packageName, floors) => {
  const modules = readModules(packageName);
  const place = (name: string) => {
    const found = floors.flatMap((rooms, floor) => rooms.filter((room) => room.modules.test(name)).map((room) => ({ room, floor })));
    return found.length === 1 ? found[0] : undefined;
  };
  const edges = (of: "own" | "foreign") => modules.flatMap((module) => module[of].map((target) => ({ from: module.name, target })));
  const print = (found: readonly { from: string; target: string }[]) => found.map(({ from, target }) => `${from} → ${target}`);

  it("has each module in one room of the plan, and no empty room", () => {
    expect(modules.map(({ name }) => name).filter((name) => place(name) === undefined)).toEqual([]);
    for (const room of floors.flat()) expect(modules.filter(({ name }) => room.modules.test(name)), room.name).not.toEqual([]);
  });

  it("imports no missing file", () => {
    const names = new Set(modules.map(({ name }) => name));
    expect(print(edges("own").filter(({ target }) => !names.has(target)))).toEqual([]);
  });

  it("has no import cycle", () => {
    expect(findCircle(modules)).toBeUndefined();
  });

  it("has no import from a higher floor or from another room of its floor", () => {
    const upward = ({ from, target }: { from: string; target: string }) => {
      const [source, destination] = [place(from), place(target)];
      return source !== undefined && destination !== undefined && source.room !== destination.room && destination.floor <= source.floor;
    };
    expect(print(edges("own").filter(upward))).toEqual([]);
  });

  it("imports other packages only in the rooms that the plan lists", () => {
    const allowed = ({ from, target }: { from: string; target: string }) =>
      place(from)?.room.packages?.includes(target) === true || lone.some(([module, name]) => module === `${packageName}/${from}` && name === target);
    expect(print(edges("foreign").filter((edge) => !allowed(edge)))).toEqual([]);
  });
});
