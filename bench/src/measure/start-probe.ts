// One program of suites/start-up.ts: prints its measurements as JSON. Before the clock starts, only modules that Node
// itself needs are loaded.
import type { ContenderKey } from "../peers/index.js";

const started = performance.now();
const { loadContender } = await import("../peers/index.js");
const contender = await loadContender(process.argv[2] as ContenderKey);
const imported = performance.now() - started;

const one = await contender.start(1);
if ((await one.call("increment", 1)) !== 2) throw new Error(`${contender.name}: wrong result`);
const first = performance.now() - started;

const before = residentMegabytes();
const pool = await contender.start(4);
await Promise.all(Array.from({ length: 4 }, () => pool.call("pause", 50)));
const memory = (residentMegabytes() - before) / 4;
const closing = performance.now();
await pool.close();
const close = performance.now() - closing;
console.log(JSON.stringify({ import: imported, first, ...(contender.name.includes("process") || contender.name.includes("fork") ? {} : { memory }), close }));
process.exit(0);

function residentMegabytes(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
