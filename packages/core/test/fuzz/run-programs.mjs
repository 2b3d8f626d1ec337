// The process in which programs run on offloop's loop, in virtual time. As oracle.py, it reads one program a line from
// stdin and writes one trace a line to stdout, both as JSON. With --mains, three mains run each program at once.
import { createInterface } from "node:readline";
import { replaceTime } from "./virtual-time.mjs";

replaceTime();
const { interpret, interpretInMains } = await import("./interpret.mjs");
const run = process.argv.includes("--mains") ? interpretInMains : interpret;

// Some programs contain an unhandled rejection. It must not end the process.
process.on("unhandledRejection", () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const trace = await run(JSON.parse(line));
  process.stdout.write(`${JSON.stringify(trace)}\n`);
}
