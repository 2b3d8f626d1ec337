// Checks that docs/errors.md lists each error class that a package exports, with its code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Coded {
  readonly name: string;
  readonly code?: string;
}

/** The error classes that can be imported from any subpath of any package. */
async function exportedErrors(): Promise<Map<string, Coded>> {
  const found = new Map<string, Coded>();
  for (const folder of readdirSync(join(root, "packages"))) {
    const at = join(root, "packages", folder);
    const { exports } = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as { exports: Record<string, unknown> };
    for (const [subpath, entry] of Object.entries(exports)) {
      const file = importedFile(entry);
      if (file === undefined || sideEffects.has(`${folder}${subpath.slice(1)}`)) continue;
      const module = (await import(pathToFileURL(join(at, file)).href)) as Record<string, unknown>;
      for (const value of Object.values(module)) if (typeof value === "function" && value.prototype instanceof Error) found.set(value.name, value as unknown as Coded);
    }
  }
  return found;
}

/** Subpaths that start the watchdog, or register test hooks, when they are imported. */
const sideEffects = new Set(["watchdog/register", "watchdog/vitest", "watchdog/node-test", "watchdog/jest", "offloop/jest"]);

/** The JavaScript file that `import` loads for an entry of `exports`. */
function importedFile(entry: unknown): string | undefined {
  if (typeof entry === "string") return /\.m?js$/.test(entry) ? entry : undefined;
  if (typeof entry !== "object" || entry === null) return undefined;
  const conditions = entry as Record<string, unknown>;
  return importedFile(conditions["import"] ?? conditions["default"]);
}

const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const listed = new Map([...page.matchAll(/^\| `(ERR_\w+)` \| `(\w+)`/gm)].map(([, code, name]) => [name!, code!]));
/** Base classes, which the page names below the table. Programs get errors of their subclasses. */
const bases = new Map([...page.matchAll(/`(\w+Error)` \(`(ERR_\w+)`\)/g)].map(([, name, code]) => [name!, code!]));
const classes = await exportedErrors();

describe("error classes", () => {
  it("are found in every package", () => {
    expect([...classes.keys()]).toEqual(expect.arrayContaining(["OffloopError", "InvalidStateError", "CallTimeoutError", "LoopHeldError"]));
  });

  it.each([...classes])("%s has a code of its own, and its own name", (name, Class) => {
    expect(Object.hasOwn(Class, "code"), `${name}.code`).toBe(true);
    expect(Class.code).toMatch(/^ERR_OFFLOOP(_[A-Z]+)*$/);
    expect([...classes.values()].filter(({ code }) => code === Class.code)).toHaveLength(1);
    expect((Class as unknown as { prototype: Error }).prototype.name).toBe(name);
  });
});

it("docs/errors.md lists each class with its code, and no other", () => {
  const documented = new Map([...listed, ...bases]);
  expect(Object.fromEntries([...documented].sort())).toEqual(Object.fromEntries([...classes].map(([name, { code }]) => [name, code!] as const).sort()));
});
