// The data: every package that is installed here, from its own files. Blocking, as the file system is
// read synchronously: called inside the actor, and by the check.
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** An installed package, as its files describe it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly description: string;
  /** Empty where there is none. */
  readonly readme: string;
}

/** The folders of the packages in each node_modules from `start` up to the root, pnpm's store included; each once. */
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

/** Reads what a package says of itself; `undefined` where it has no name or version. */
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
