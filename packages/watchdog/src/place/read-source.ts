// Reads a file that a stack or a source map names. Such a name is no proof that it is a source: reading a device or a pipe
// would never end, and would hold the watching thread.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** A larger file is not read, because that would delay the report too much. A guess. */
const LARGEST_FILE_BYTES = 20_000_000;

/** @throws Error the file cannot be read, is no regular file, or is too large */
export function readSource(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > LARGEST_FILE_BYTES) throw new Error(`${file} is no source`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
