// The actor: a full-text index in SQLite. Every method blocks its thread, so the object has its own thread. The
// class is an ordinary class. Only its check for cancellation comes from offloop.
import sqlite from "node-sqlite3-wasm";
import { packageFolders, readPackage } from "./packages.js";

/** A package found by a search. */
export interface Hit {
  readonly name: string;
  readonly version: string;
  /** The words around the match, in brackets. */
  readonly snippet: string;
}

/** The number of packages between two progress reports. */
const REPORT_EVERY = 25;

export class PackageIndex {
  readonly #database: sqlite.Database;

  /** @param file the file of the database; by default it is kept in memory */
  constructor(file = ":memory:") {
    this.#database = new sqlite.Database(file);
    this.#database.exec("create virtual table packages using fts5 (name, version unindexed, licence unindexed, description, readme)");
  }

  /** Indexes every package installed for `folder`. @returns their number */
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

  /** The packages that match, the best first. @throws SQLite3Error `query` is no FTS5 query */
  search(query: string, limit = 1_000): Hit[] {
    const sql = "select name, version, snippet(packages, -1, '[', ']', '…', 12) as snippet from packages where packages match ? order by rank, name, version limit ?";
    return this.#database.all(sql, [query, limit]) as unknown as Hit[];
  }

  /** The number of packages with each licence, the most frequent first. */
  licences(): [licence: string, packages: number][] {
    const rows = this.#database.all("select licence, count(*) as packages from packages group by licence order by packages desc, licence");
    return rows.map(({ licence, packages }) => [String(licence), Number(packages)]);
  }

  /** The names of all packages in order. Each is read from the database when it is requested. */
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
