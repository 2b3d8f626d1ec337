// Checks the parts of each package's manifest that users' tools read.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

interface Manifest {
  readonly name: string;
  readonly main?: string;
  readonly types?: string;
  readonly typesVersions?: { readonly "*": Readonly<Record<string, readonly string[]>> };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  readonly [field: string]: unknown;
}

describe.each(readdirSync(packages))("packages/%s", (folder) => {
  const path = (...parts: string[]) => join(packages, folder, ...parts);
  const manifest = JSON.parse(readFileSync(path("package.json"), "utf8")) as Manifest;
  const entries = Object.entries(manifest.exports).filter(([subpath]) => !subpath.endsWith(".json"));

  it("names its repository, its purpose and its licence", () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/.{20}/),
      license: "MIT",
      keywords: expect.arrayContaining([expect.any(String)]),
      homepage: expect.stringContaining("#readme"),
      bugs: expect.stringContaining("/issues"),
      repository: { type: "git", url: expect.stringMatching(/^git\+https:.*\.git$/), directory: `packages/${folder}` },
      engines: { node: "^20.19 || >=22.12" },
    });
    expect(readFileSync(path("LICENSE"), "utf8")).toContain("MIT License");
  });

  it("is unpacked by Plug'n'Play, because threads and processes start from its files", () => {
    expect(manifest).toMatchObject({ preferUnplugged: true });
  });

  it("has a README that links to the docs", () => {
    const readme = readFileSync(path("README.md"), "utf8");
    const docs = [...readme.matchAll(/\/(docs\/[\w./-]+\.md)/g)].map(([, file]) => file!);
    expect(docs.length).toBeGreaterThan(0);
    for (const file of docs) expect(existsSync(path("../..", file)), file).toBe(true);
  });

  it("has an ES module and a CommonJS door for each entry, each with types of its own kind", () => {
    for (const [subpath, entry] of entries) {
      const { types, default: module } = (entry as { import: { types: string; default: string } }).import;
      const file = (extension: string) => types.replace(/\.d\.ts$/, extension);
      // An entry may lead to the bundle that its module names.
      if (!module.endsWith("bundle.js")) expect(module).toBe(file(".js"));
      expect(entry, subpath).toEqual({ import: { types, default: module }, require: { types: file(".d.cts"), default: file(".cjs") } });
      for (const each of [module, file(".d.ts"), file(".d.cts"), file(".cjs")]) expect(existsSync(path(each)), each).toBe(true);
    }
  });

  it("names its types for resolvers that do not read exports", () => {
    const subpaths = entries.filter(([subpath]) => subpath !== ".").map(([subpath, entry]) => [subpath.slice(2), [(entry as { import: { types: string } }).import.types]]);
    expect(manifest.types).toBe("./dist/index.d.ts");
    expect(manifest.main).toBe("./dist/index.cjs");
    expect(manifest.typesVersions?.["*"] ?? {}).toEqual(Object.fromEntries(subpaths));
  });
});
