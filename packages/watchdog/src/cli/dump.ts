// `offloop dump PID`: prints what another process does now.
import { isatty } from "node:tty";
import { parseArgs } from "node:util";
import { formatDump } from "../outside/format-dump.js";
import { takeDump } from "../outside/take-dump.js";
import { printableJson } from "../report/console.js";
import { TargetError } from "../outside/target-error.js";
import { processId, untilInterrupted } from "./target-argument.js";
import { UsageError } from "./usage.js";

const DEFAULT_DEPTH = 20;

const flags = { "no-values": { type: "boolean" }, depth: { type: "string" }, json: { type: "boolean" } } as const;

/** @throws UsageError the arguments cannot be read */
export function dump(args: readonly string[]): void {
  const { values, pid } = parse(args);
  const depth = values.depth === undefined ? DEFAULT_DEPTH : Number(values.depth);
  if (!Number.isSafeInteger(depth) || depth < 1) throw new UsageError(`--depth takes a number of frames, 1 or more; got ${JSON.stringify(values.depth)}.`);
  untilInterrupted(async (cancelled) => {
    const taken = await takeDump(pid, { values: values["no-values"] !== true, mostFrames: depth, cancelled });
    process.stdout.write(values.json === true ? `${printableJson(taken, 2)}\n` : formatDump(taken, { cwd: process.cwd(), color: isatty(1) && process.env["NO_COLOR"] === undefined }));
  });
}

function parse(args: readonly string[]): { readonly values: { readonly "no-values"?: boolean; readonly depth?: string; readonly json?: boolean }; readonly pid: number } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
    return { values, pid: processId("dump", positionals) };
  } catch (error) {
    if (error instanceof UsageError || error instanceof TargetError) throw error;
    throw new UsageError(`dump: ${(error as Error).message}`);
  }
}
