// Reads a file that a stack or a source map names. Such a name is no proof that it is a source: reading a device or a pipe
// would never end, and would hold the watching thread.
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";

/** A larger file is not read, because that would delay the report too much. A guess. */
const LARGEST_FILE_BYTES = 20_000_000;

/** When this process began, in milliseconds since the epoch. */
const began = Date.now() - process.uptime() * 1_000;

/** Whether a file was changed after this process began, and so perhaps after it was loaded. False if it cannot be told. */
export function mayHaveChanged(file: string): boolean {
  try {
    return statSync(file).mtimeMs > began;
  } catch {
    return false;
  }
}

/** @throws Error the file cannot be read, is no regular file, or is too large */
export function readSource(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > LARGEST_FILE_BYTES) throw new Error(`${file} is no source`);
    // Not to the end: files of /proc say that they are empty, and some of them never end.
    const bytes = Buffer.allocUnsafeSlow(stats.size);
    let filled = 0;
    for (let read = -1; filled < bytes.length && read !== 0; filled += read) read = readSync(fd, bytes, filled, bytes.length - filled, filled);
    return bytes.toString("utf8", 0, filled);
  } finally {
    closeSync(fd);
  }
}
