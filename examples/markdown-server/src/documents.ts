// Finds real documents: the READMEs, changelogs and licences of the installed packages, in every node_modules
// from this example up to the root, including pnpm's store.
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** A document of an installed package. `name` can be part of a URL. */
export interface Document {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

const documentFile = /^(readme|changelog|changes|history|licen[cs]e)(\.(md|markdown|txt))?$/i;

/** All documents of the packages installed for `from`, sorted by name. Names are unique. */
export function findDocuments(from: string): Document[] {
  const documents = new Map<string, Document>();
  for (const packageFolder of packageFolders(from)) {
    for (const file of readdirSync(packageFolder)) {
      if (!documentFile.test(file)) continue;
      const path = join(packageFolder, file);
      const name = documentName(path);
      if (!documents.has(name)) documents.set(name, { name, path, bytes: statSync(path).size });
    }
  }
  return [...documents.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** `…/node_modules/@scope/pkg/README.md` becomes `scope-pkg-README`. In pnpm's store, the version is added. */
export function documentName(path: string): string {
  const parts = path.split(/[\\/]/);
  const start = parts.lastIndexOf("node_modules") + 1;
  const [file = "", ...folders] = parts.slice(start).toReversed();
  const version = /(?<=.@)\d[^_(]*/.exec(parts[start - 2] ?? "")?.[0];
  const packageName = folders.toReversed().join("-").replace("@", "");
  return [version ? `${packageName}@${version}` : packageName, file.replace(/\.\w+$/, "")].join("-");
}

function packageFolders(from: string): Set<string> {
  const found = new Set<string>();
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    addPackages(modules, found);
    for (const entry of foldersIn(join(modules, ".pnpm"))) addPackages(join(modules, ".pnpm", entry, "node_modules"), found);
    if (folder === dirname(folder)) return found;
  }
}

function addPackages(modules: string, found: Set<string>): void {
  for (const entry of foldersIn(modules)) {
    if (entry.startsWith(".")) continue;
    if (entry.startsWith("@")) addPackages(join(modules, entry), found);
    else found.add(realpathSync(join(modules, entry)));
  }
}

function foldersIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((entry) => statSync(join(folder, entry)).isDirectory()) : [];
}
