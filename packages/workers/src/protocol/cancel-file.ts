// A file in place of shared memory between processes. A child reads in it, in the middle of synchronous code, that
// its call is cancelled. The file has one number for each slot: the id of the cancelled call.
//
//   process/process-worker.ts  request ─▶ an unlinked file, open on both sides ─▶ cancelRequested  entry/process.ts
import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { now as realNow } from "../executor/real-time.js";

/** The shortest time between two reads, in milliseconds. A read costs a system call, about 1 µs, and a loop may ask in each iteration. */
const ASK_EVERY_MS = 0.1;

const BYTES_PER_SLOT = 4;

/**
 * Main side: creates the file. Its descriptor goes to one child. The file has its full size from the start,
 * because a disk that is full later must not stop a cancellation.
 * @returns `undefined`: no file can be written in the temporary folder. The child then polls its socket.
 */
export function openCancelFile(slots: number): number | undefined {
  let folder: string | undefined;
  let fd: number | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "offloop-"));
    fd = openSync(join(folder, "cancel"), "w+");
    const bytes = slots * BYTES_PER_SLOT;
    if (writeSync(fd, Buffer.alloc(bytes), 0, bytes, 0) === bytes) return fd;
  } catch {
    // There is no folder, no room in it, or no descriptor left. The start of the child reports a lack of descriptors.
  } finally {
    if (folder !== undefined) remove(folder);
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

/** Removes the folder without opening it, because there may be no descriptor left. */
function remove(folder: string): void {
  for (const step of [() => unlinkSync(join(folder, "cancel")), () => rmdirSync(folder)]) {
    try {
      step();
    } catch {
      // The file was not created; or another program has removed it.
    }
  }
}

/** Main side: marks the call in this slot as cancelled. */
export function requestCancelByFile(fd: number, slot: number, id: number): void {
  try {
    writeSync(fd, new Uint32Array([id]), 0, BYTES_PER_SLOT, slot * BYTES_PER_SLOT);
  } catch {
    // The disk has failed. The `cancel` message follows, and the call is ended after its `graceMs`.
  }
}

/** The child's side: reads the file. */
export class CancelFile {
  readonly #fd: number;
  readonly #word = new Uint32Array(1);
  #askedAt = -Infinity;
  #askedFor = -1;

  constructor(fd: number) {
    this.#fd = fd;
  }

  cancelRequested(slot: number, id: number): boolean {
    const now = realNow();
    if (this.#askedFor === id && now - this.#askedAt < ASK_EVERY_MS) return false;
    this.#askedAt = now;
    this.#askedFor = id;
    this.#word[0] = 0;
    try {
      return readSync(this.#fd, this.#word, 0, BYTES_PER_SLOT, slot * BYTES_PER_SLOT) === BYTES_PER_SLOT && this.#word[0] === id >>> 0;
    } catch {
      return false; // a task has closed the descriptor: the `cancel` message follows, and the call is ended after its `graceMs`
    }
  }
}
