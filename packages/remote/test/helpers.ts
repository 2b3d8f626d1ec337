// For the tests of this package: files, conditions and errors.
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A path in a new folder. */
export const fileOfTest = (name: string): string => join(mkdtempSync(join(tmpdir(), "offloop-")), name);

/** Resolves when the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The error that a promise rejects with. */
export function rejection(promise: Promise<unknown>): Promise<any> {
  return promise.then(
    (value) => Promise.reject(new Error(`fulfilled with ${String(value)} instead of rejecting`)),
    (error: unknown) => error,
  );
}

/** Whether something was written to the file. A program that is killed may have made it and written nothing. */
export const isWritten = (file: string): boolean => existsSync(file) && readFileSync(file, "utf8") !== "";
