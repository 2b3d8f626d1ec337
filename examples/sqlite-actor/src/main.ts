// Fills the index inside an actor while a timer ticks on this thread, then searches it. `--check` compares all
// answers of the actor with the packages' files.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { proxy, spawnActor } from "offloop";
import { check } from "./check.js";
import { PackageIndex } from "./package-index.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean", default: false } } });
const queries = positionals.length > 0 ? positionals : ["sqlite", "event AND loop", '"worker thread" OR "worker threads"'];
const here = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "offloop-sqlite-"));

try {
  await using index = await spawnActor(PackageIndex, join(folder, "packages.db"));
  let ticks = 0;
  let reports = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  const start = performance.now();
  const count = await index.fill(
    here,
    proxy(() => void (reports += 1)),
  );
  clearInterval(timer);
  console.log(`${count} installed packages indexed in ${Math.round(performance.now() - start)} ms; a 5 ms timer ticked ${ticks} times meanwhile.`);

  for (const query of queries) {
    console.log(`\n${query}`);
    for (const { name, version, snippet } of await index.search(query, 3)) console.log(`  ${name}@${version}  ${snippet.replace(/\s+/g, " ")}`);
  }
  const licences = await index.licences();
  console.log(`\n${licences.map(([licence, packages]) => `${licence} ${packages}`).join(", ")}`);

  if (values.check) await check(index, here, { count, ticks, reports });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
