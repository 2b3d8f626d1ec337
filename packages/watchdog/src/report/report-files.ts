// The files of reports that are written as the run goes on, for the watching thread and for the command.
import { appendFileSync, renameSync, writeFileSync } from "node:fs";

/** A file is rewritten at most once in this time, because each time it is written as a whole. */
const RENEW_AFTER_MS = 2_000;

export class ReportFiles {
  readonly #complain: (text: string) => void;
  readonly #contents = new Map<string, () => string>();
  readonly #failed = new Set<string>();
  #writtenAt = 0;
  #waiting: NodeJS.Timeout | undefined;

  /** @param complain told once of each file that cannot be written */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** @param content called each time that the file is written */
  add(file: string, content: () => string): void {
    this.#contents.set(file, content);
  }

  /** Writes the files: now, or when two seconds have passed since the last time. */
  changed(): void {
    if (this.#contents.size === 0 || this.#waiting !== undefined) return;
    const left = this.#writtenAt + RENEW_AFTER_MS - Date.now();
    if (left <= 0) return this.write();
    this.#waiting = setTimeout(() => this.write(), left);
    this.#waiting.unref();
  }

  /** Writes the files now. */
  write(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#writtenAt = Date.now();
    for (const [file, content] of this.#contents) {
      this.#attempt(file, () => {
        // No reader sees an incomplete file.
        writeFileSync(`${file}.new`, content());
        renameSync(`${file}.new`, file);
      });
    }
  }

  append(file: string, line: string): void {
    this.#attempt(file, () => appendFileSync(file, line));
  }

  #attempt(file: string, action: () => void): void {
    try {
      action();
      this.#failed.delete(file);
    } catch (error) {
      if (!this.#failed.has(file)) this.#complain(`${file} cannot be written: ${(error as Error).message}. Free space for it, or choose another file.`);
      this.#failed.add(file);
    }
  }
}
