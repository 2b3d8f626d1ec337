// What a user installs: which files are in each package, what they weigh, and under which licences they come.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { budgets } from "./sizes.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const KIB = 1024;

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

describe.each(readdirSync(join(root, "packages")))("packages/%s", (folder) => {
  const path = (...parts: string[]) => join(root, "packages", folder, ...parts);
  const manifest = JSON.parse(readFileSync(path("package.json"), "utf8")) as Record<string, unknown> & { name: string };
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: path(), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as [Packed];
  const files = packed.files.map((file) => file.path);
  const text = (file: string) => readFileSync(path(file), "utf8");
  /** The text without the lines of doc comments, in which examples stand. */
  const code = (file: string) => text(file).replaceAll(/^\s*\*.*$/gm, "");

  it("holds the built files, their sources, and nothing else", () => {
    const others = files.filter((file) => !/^(dist|src)\//.test(file));
    const named = Object.keys(manifest["exports"] as object).filter((subpath) => subpath.endsWith(".json")).map((subpath) => subpath.slice(2));
    expect(others.filter((file) => file !== "CHANGELOG.md").toSorted()).toEqual(["LICENSE", "README.md", ...named].toSorted());
    expect(files.filter((file) => !/\.(js|cjs|ts|cts|map|html|css)$/.test(file) && !others.includes(file))).toEqual([]);
  });

  it("holds each file that its manifest names", () => {
    const named = JSON.stringify([manifest["main"], manifest["types"], manifest["typesVersions"], manifest["exports"], manifest["bin"] ?? null, manifest["sideEffects"] ?? null]);
    const targets = [...named.matchAll(/"\.\/((?:dist|src)\/[^"*]+)"/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(3);
    expect(targets.filter((target) => !files.includes(target))).toEqual([]);
  });

  it("holds each file that one of its modules imports, and the sources of each source map", () => {
    const missing: string[] = [];
    for (const file of files.filter((each) => /^dist\/.*\.(js|cjs|d\.ts|d\.cts|map)$/.test(each))) {
      const references = file.endsWith(".map")
        ? (JSON.parse(text(file)) as { sources: string[] }).sources
        : [...code(file).matchAll(/(?:\bfrom|^import|\bimport\(|\brequire\()\s*"(\.[^"]+)"/gm)].map(([, specifier]) => specifier!);
      for (const reference of references) {
        const target = posix.join(posix.dirname(file), reference);
        const candidates = [target, target.replace(/\.js$/, ".d.ts"), target.replace(/\.cjs$/, ".d.cts")];
        if (!/^(\.\.\/)+node_modules\//.test(target) && !candidates.some((each) => files.includes(each))) missing.push(`${file}: ${reference}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it("names no folder of the machine that built it", () => {
    expect(files.filter((file) => text(file).includes(root))).toEqual([]);
  });

  it("is published for everybody, with its provenance and without scripts", () => {
    expect(manifest["publishConfig"]).toEqual({ access: "public", provenance: true });
    expect(manifest["private"]).toBeUndefined();
    expect(Object.keys(manifest["scripts"] ?? {}), "a script that an install runs").toEqual([]);
  });

  it("weighs what its budget allows, and the budget is not larger than need be", () => {
    const sizes = { packed: packed.size / KIB, imported: importedBytes(manifest.name, path()) / KIB };
    const { [manifest.name]: budget } = budgets;
    expect(budget, `${manifest.name} in test/sizes.ts`).toBeDefined();
    for (const what of ["packed", "imported"] as const) {
      expect(sizes[what], what).toBeLessThanOrEqual(budget![what]);
      expect(sizes[what], what).toBeGreaterThan(budget![what] * 0.75);
    }
  });
});

/** Bytes of all modules that the import of a package loads in a fresh process, Node's own left out. */
function importedBytes(name: string, folder: string): number {
  const program = `
    import { Session } from "node:inspector";
    import { readFileSync } from "node:fs";
    const session = new Session();
    session.connect();
    const files = new Set();
    session.on("Debugger.scriptParsed", ({ params: { url } }) => { if (url.startsWith("file:")) files.add(url); });
    session.post("Debugger.enable");
    files.clear();
    await import(${JSON.stringify(name)});
    process.stdout.write(String([...files].reduce((sum, url) => sum + readFileSync(new URL(url)).length, 0)));`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder, encoding: "utf8" }));
}

it("every package that is installed with ours has a licence that allows any use", () => {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { packageManager: string };
  const listed = execFileSync("npx", ["--yes", "--loglevel=error", packageManager, "licenses", "list", "--prod", "--json", "--filter", "./packages/*"], { cwd: root, encoding: "utf8", maxBuffer: 64 * KIB * KIB });
  const licences = JSON.parse(listed) as Record<string, { name: string }[]>;
  expect(Object.values(licences).flat().map(({ name }) => name)).toContain("piscina");
  // lightningcss comes with vitest, which is a peer: whoever has it installed it.
  const ofPeers = /^lightningcss/;
  const allowed = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0)$/;
  const others = Object.entries(licences).filter(([licence]) => !allowed.test(licence)).flatMap(([licence, packages]) => packages.map(({ name }) => `${name}: ${licence}`));
  expect(others.filter((each) => !ofPeers.test(each))).toEqual([]);
});

it("no budget is for a package that is not there", () => {
  const names = readdirSync(join(root, "packages")).map((folder) => (JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as { name: string }).name);
  expect(Object.keys(budgets).sort()).toEqual(names.sort());
});
