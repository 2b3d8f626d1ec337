// The actor: a full-text index in SQLite. Every method blocks its thread until it is done, which is
// why it has a thread of its own. It knows nothing of actors, but for marking that it may be cancelled.
import sqlite from "node-sqlite3-wasm";
import { packageFolders, readPackage } from "./packages.js";

/** A package that was found. */
export interface Hit {
  readonly name: string;
  readonly version: string;
  /** The words around the match, in brackets. */
  readonly snippet: string;
}

/** How often indexing reports, in packages. */
const REPORT_EVERY = 25;

export class PackageIndex {
  readonly #database: sqlite.Database;

  /** @param file where the database is kept; in memory if left out */
  constructor(file = ":memory:") {
    this.#database = new sqlite.Database(file);
    this.#database.exec("create virtual table packages using fts5 (name, version unindexed, licence unindexed, description, readme)");
  }

  /** Indexes every package installed for `folder`. @returns how many there are */
  fill(folder: string, onProgress?: (done: number, of: number) => void): number {
    const folders = packageFolders(folder);
    const seen = new Set<string>();
    const insert = this.#database.prepare("insert into packages values (?, ?, ?, ?, ?)");
    this.#database.exec("begin");
    try {
      for (const [index, path] of folders.entries()) {
        const found = readPackage(path);
        const key = found && `${found.name}@${found.version}`;
        if (found && key && !seen.has(key)) {
          seen.add(key);
          insert.run([found.name, found.version, found.licence, found.description, found.readme]);
        }
        if (index % REPORT_EVERY === 0) void onProgress?.(index, folders.length);
      }
      this.#database.exec("commit");
    } finally {
      insert.finalize();
    }
    return seen.size;
  }

  /** The packages that match, the best first. @throws SQLite3Error if `query` is no FTS5 query */
  search(query: string, limit = 1_000): Hit[] {
    const sql = "select name, version, snippet(packages, -1, '[', ']', '…', 12) as snippet from packages where packages match ? order by rank, name, version limit ?";
    return this.#database.all(sql, [query, limit]) as unknown as Hit[];
  }

  /** How many packages bear each licence, the most frequent first. */
  licences(): [licence: string, packages: number][] {
    const rows = this.#database.all("select licence, count(*) as packages from packages group by licence order by packages desc, licence");
    return rows.map(({ licence, packages }) => [String(licence), Number(packages)]);
  }

  /** Every package by name, one at a time, read as it is asked for. */
  *names(): Generator<string> {
    const select = this.#database.prepare("select name, version from packages order by name, version");
    try {
      for (const { name, version } of select.iterate()) yield `${String(name)}@${String(version)}`;
    } finally {
      select.finalize();
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
