// A stall as a watchdog publishes it.
import { channel } from "node:diagnostics_channel";
import { type Stall, stallChannels } from "@offloop/watchdog";

export function stallOf(parts: Partial<Stall>): Stall {
  const place = { file: "/app/render.mjs", line: 12, column: 5, function: "render" };
  return {
    id: 1, startedAt: Date.now() - 200, durationMs: 150, kind: "script", phase: "running", place, approximate: false, hot: undefined, call: undefined, task: undefined, context: undefined,
    stack: [{ ...(parts.place ?? place), origin: "user", async: false }], codeFrame: undefined, samples: 3, profile: [], count: 1, totalMs: 150, fix: "run it on a worker thread", ...parts,
  };
}

export function publishStall(stall: Stall): void {
  channel(stallChannels.end).publish({ stall });
}
