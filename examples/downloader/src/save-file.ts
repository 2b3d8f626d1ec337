// What runs on a worker: the synchronous calls of node:fs, which would hold up every other download.
import { appendFileSync, fsyncSync, openSync, closeSync, renameSync } from "node:fs";

/** Adds a chunk to a file, which it creates where there is none. */
export function appendChunk(path: string, chunk: Uint8Array): void {
  appendFileSync(path, chunk);
}

/** Makes a complete file appear under its name at once: on disk first, renamed then. */
export function publishFile(partial: string, path: string): void {
  const file = openSync(partial, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
