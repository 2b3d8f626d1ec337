// The first call loads the pool in several turns of the loop, so that none is held for long. Times are measured in bench/.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("loads piscina in another turn than that in which the first thread starts", async () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL("../fixtures/first-call.mjs", import.meta.url))], { env });
  const { result, piscina, thread } = JSON.parse(stdout) as { result: number; piscina: number; thread: number };
  expect(result).toBe(2);
  expect(thread).toBeGreaterThan(piscina);
});
