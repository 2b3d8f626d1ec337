// Calls settle although the program changes how stacks are made.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../fixtures/prepares-stacks.mjs", import.meta.url));

const kinds = ["thread", "process"] as const;
const modes: readonly (readonly [mode: string, ...flags: string[]])[] = [["frozen"], ["throws"], ["throws, frozen"], ["no text"], ["frozen intrinsics", "--frozen-intrinsics"]];

it.each(kinds.flatMap((kind) => modes.map(([mode, ...flags]) => [mode, kind, flags] as const)))("settles calls where Error is %s (%s)", async (mode, kind, flags) => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, mode, kind], { env: { ...process.env, NODE_OPTIONS: "" } });
  expect(JSON.parse(stdout)).toEqual({
    throws: "TypeError: boom",
    refused: "CloneError: args[0] cannot be cl",
    cancelled: "CancelledError: (anonymous) was canc",
    fulfilled: 2,
    actor: "RangeError: far",
  });
});
