// The functions that run on a worker: synchronous calls of node:fs, which would block every other download.
import { appendFileSync, fsyncSync, openSync, closeSync, renameSync } from "node:fs";

/** Appends a chunk to a file. Creates the file if it does not exist. */
export function appendChunk(path: string, chunk: Uint8Array): void {
  appendFileSync(path, chunk);
}

/** Writes the complete file to disk, and then gives it its name. */
export function publishFile(partial: string, path: string): void {
  const file = openSync(partial, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
