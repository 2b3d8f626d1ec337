// The process in which programs run on our loop: one JSON program a line on stdin, one JSON trace a
// line on stdout, as oracle.py. Time jumps here.
import { createInterface } from "node:readline";
import { replaceTime } from "./virtual-time.mjs";

replaceTime();
const { interpret } = await import("./interpret.mjs");

// Some programs contain an unhandled rejection. It must not end the process.
process.on("unhandledRejection", () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const trace = await interpret(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(trace)}\n`);
}
