// The folder in which the watched processes write their events, and the reader of it. See protocol/spool.ts.
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SpoolLine, WANTS_DELAYS } from "../protocol/spool.js";
import { UsageError } from "./usage.js";

const LINE_END = 0x0a;

/** The number of bytes that one read takes. */
const CHUNK_BYTES = 1 << 16;

interface OpenFile {
  readonly fd: number;
  /** The bytes of a line that is not complete. A process that is killed while it writes leaves one. */
  rest: Buffer;
}

/** A temporary folder of events. Disposing of it removes the folder. */
export class Spool implements Disposable {
  readonly folder: string;
  readonly #files = new Map<string, OpenFile>();

  /** @throws UsageError the folder for temporary files cannot be written */
  constructor(options: { readonly wantsDelays: boolean }) {
    try {
      this.folder = mkdtempSync(join(tmpdir(), "offloop-watch-"));
      if (options.wantsDelays) writeFileSync(join(this.folder, WANTS_DELAYS), "");
    } catch (cause) {
      throw new UsageError(`The events of the program need a folder for temporary files, and ${tmpdir()} cannot be written: ${(cause as Error).message}. Set TMPDIR to a folder that can.`, { cause });
    }
  }

  /** The new lines of all processes, each with the name of its file, which identifies the process. */
  *read(): Generator<readonly [file: string, line: SpoolLine]> {
    for (const name of this.#names()) {
      if (!name.endsWith(".jsonl")) continue;
      let file = this.#files.get(name);
      if (file === undefined) this.#files.set(name, (file = { fd: openSync(join(this.folder, name), "r"), rest: Buffer.alloc(0) }));
      for (const line of linesOf(file)) yield [name, line];
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return []; // somebody has removed it
    }
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#files.values()) closeSync(fd);
    this.#files.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function* linesOf(file: OpenFile): Generator<SpoolLine> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let count = readSync(file.fd, chunk); count > 0; count = readSync(file.fd, chunk)) {
    let text = Buffer.concat([file.rest, chunk.subarray(0, count)]);
    for (let end = text.indexOf(LINE_END); end >= 0; end = text.indexOf(LINE_END)) {
      yield JSON.parse(text.toString("utf8", 0, end)) as SpoolLine;
      text = text.subarray(end + 1);
    }
    file.rest = text;
  }
}
