// The Promises/A+ suite, in a process of its own: its test runner is not ours.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("passes all 872 tests of Promises/A+", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "../fixtures/promises-aplus.mjs")]);
  expect(JSON.parse(stdout.trim().split("\n").at(-1)!)).toEqual({ passed: 872, failed: [] });
}, 120_000);
