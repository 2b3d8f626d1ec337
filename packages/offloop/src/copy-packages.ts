// Copies offloop's packages, and their dependencies at run time, to a folder's node_modules.
import { existsSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packages that only the build needs. */
const NOT_AT_RUN_TIME = new Set(["unplugin"]);

/** Files of a package that no program loads. */
const LEFT_OUT = /(?:^|\/)(?:node_modules|src|test|tests|docs|benchmarks?|examples?)(?:\/|$)|\.(?:d\.[cm]?ts|map|md|tsbuildinfo)$/;

/** @param folder of the bundle; relative to `base` */
export async function copyPackages(folder: string, base = ""): Promise<void> {
  const target = join(resolve(base, folder), "node_modules");
  for (const [name, source] of packagesOf(dirname(fileURLToPath(new URL(".", import.meta.url))))) {
    await cp(source, join(target, name), { recursive: true, dereference: true, filter: (path) => !LEFT_OUT.test(relative(source, path).replaceAll("\\", "/")) });
  }
}

/** The folders of a package and of all its dependencies, by name. */
function packagesOf(folder: string, found = new Map<string, string>()): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  if (found.has(manifest.name)) return found;
  found.set(manifest.name, folder);
  for (const name of Object.keys(manifest.dependencies ?? {})) if (!NOT_AT_RUN_TIME.has(name)) packagesOf(folderOf(name, folder), found);
  return found;
}

/** The folder of the package that a module in `from` would import. It is searched for, because `exports` may hide the package.json. */
function folderOf(name: string, from: string): string {
  const paths = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  const folder = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, "package.json")));
  if (folder === undefined) throw new Error(`The package ${name}, which offloop needs at run time, is not installed. Install the packages of the project again.`);
  return folder;
}
