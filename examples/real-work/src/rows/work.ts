// Imports the rows of a file, tells how far it is, and stops when nobody wants it any more.
import { createReadStream, statSync } from "node:fs";
import { Readable } from "node:stream";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { taskContext } from "offloop";

/** Sums of the rows that were imported. */
class Sums {
  #rows = 0;
  #north = 0;
  readonly #countries = new Set<string>();

  add([name, country, lat]: readonly unknown[]): void {
    if (name === "name" && country === "country") return;
    this.#rows += 1;
    if (Number(lat) > 0) this.#north += 1;
    this.#countries.add(String(country));
  }

  toString(): string {
    return `${this.#rows} rows, ${this.#countries.size} countries, ${this.#north} north of the equator`;
  }
}

/** Reads a file piece by piece. After each piece it tells the share that is done, and ends if the call was cancelled. */
async function* pieces(path: string): AsyncGenerator<Buffer> {
  const task = taskContext();
  const { size } = statSync(path);
  let done = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1_024 }) as AsyncIterable<Buffer>) {
    yield piece;
    done += piece.length;
    task.progress(done / size);
    task.throwIfCancelled();
  }
}

export async function importCsv(path: string): Promise<string> {
  const sums = new Sums();
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces(path)) {
    const text = rest + decoder.decode(piece, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    for (const row of Papa.parse<string[]>(text.slice(0, end), { skipEmptyLines: true }).data) sums.add(row);
  }
  return String(sums);
}

export async function importXlsx(path: string): Promise<string> {
  const sums = new Sums();
  const reader = new ExcelJS.stream.xlsx.WorkbookReader(Readable.from(pieces(path)), { sharedStrings: "ignore", styles: "ignore", hyperlinks: "ignore", worksheets: "emit" });
  for await (const sheet of reader) for await (const row of sheet) sums.add((row.values as unknown[]).slice(1));
  return String(sums);
}
