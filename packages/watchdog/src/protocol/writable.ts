// The check of the files that reports are written to, at the earliest moment.
import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";

/** @throws Error `file` is a folder, or may not be written, or is in no folder in which a file may be made */
export function checkWritable(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) throw new Error(`EISDIR: ${file} is a folder`);
  accessSync(found === undefined ? `${dirname(resolve(file))}${sep}` : file, constants.W_OK);
}
