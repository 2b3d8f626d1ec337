// The data: all installed packages, from their own files. The functions block, because they read files
// synchronously. The actor and the check call them.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** An installed package, with the data of its files. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly description: string;
  /** Empty if the package has no README. */
  readonly readme: string;
}

/** The folders of all packages in each node_modules from `start` up to the root, including pnpm's store. Each is listed once. */
export function packageFolders(start: string): string[] {
  const found = new Set<string>();
  for (let folder = start; ; folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    collect(modules, found);
    for (const entry of entriesOf(join(modules, ".pnpm"))) collect(join(modules, ".pnpm", entry, "node_modules"), found);
    if (folder === dirname(folder)) return [...found].toSorted();
  }
}

function collect(modules: string, found: Set<string>): void {
  for (const entry of entriesOf(modules)) {
    if (entry.startsWith("@")) collect(join(modules, entry), found);
    else if (existsSync(join(modules, entry, "package.json"))) found.add(realpathSync(join(modules, entry)));
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((entry) => !entry.startsWith(".")) : [];
}

/** Reads the files of a package. @returns `undefined` if it has no name or version */
export function readPackage(folder: string): InstalledPackage | undefined {
  const { name, version, license, description = "" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, string | { type: string } | undefined>;
  if (typeof name !== "string" || typeof version !== "string") return undefined;
  const readme = readdirSync(folder).find((file) => /^readme(\.(md|markdown|txt))?$/i.test(file));
  return {
    name,
    version,
    licence: (typeof license === "object" ? license.type : license) ?? "none",
    description: String(description),
    readme: readme === undefined ? "" : readFileSync(join(folder, readme), "utf8"),
  };
}
