// Where there is no shared memory, a file stands in for it: a child process sees in the middle of
// synchronous code that its call is cancelled. One number for each slot: the id of the cancelled call.
//
//   process/process-worker.ts  request ─▶ an unlinked file, open on both sides ─▶ cancelRequested  entry/process.ts
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Asking costs a system call, about 1 µs: a loop that asks in each round pays for one in so many milliseconds. */
const ASK_EVERY_MS = 0.1;

const BYTES_PER_SLOT = 4;

/** Main side: makes the file and hands its descriptor to one child. */
export function openCancelFile(): number {
  const folder = mkdtempSync(join(tmpdir(), "offloop-"));
  try {
    return openSync(join(folder, "cancel"), "w+");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Main side: from now on the call in this slot is cancelled. */
export function requestCancelByFile(fd: number, slot: number, id: number): void {
  writeSync(fd, new Uint32Array([id]), 0, BYTES_PER_SLOT, slot * BYTES_PER_SLOT);
}

/** Child's side: asks the file. */
export class CancelFile {
  readonly #fd: number;
  readonly #word = new Uint32Array(1);
  #askedAt = -Infinity;
  #askedFor = -1;

  constructor(fd: number) {
    this.#fd = fd;
  }

  cancelRequested(slot: number, id: number): boolean {
    const now = performance.now();
    if (this.#askedFor === id && now - this.#askedAt < ASK_EVERY_MS) return false;
    this.#askedAt = now;
    this.#askedFor = id;
    this.#word[0] = 0;
    return readSync(this.#fd, this.#word, 0, BYTES_PER_SLOT, slot * BYTES_PER_SLOT) === BYTES_PER_SLOT && this.#word[0] === id >>> 0;
  }
}
