// Downloads files, four at a time, from a local server on which some are slow and some fail. Ctrl+C
// cancels the downloads, because `run` cancels main. With `--check` the program compares the files on disk, and cancels a second round.
import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CancelledError, createTask, run, type Task } from "offloop";
import { Bars } from "./bars.js";
import { downloadAll } from "./download-all.js";
import { contentOf, startFilesServer } from "./files-server.js";

const quick = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"].map((name) => `/quick/${name}.bin`);
const hopeless = ["/slow/india.bin", "/broken/juliett.bin", "/missing/kilo.bin"];
const plan = { limit: 4, timeoutMs: 4_000 };

await run(async () => {
  await using server = await startFilesServer();
  const folder = await mkdtemp(join(tmpdir(), "offloop-downloads-"));
  try {
    await downloadWithBars([...hopeless, ...quick].map((path) => server.address + path), folder);
    if (process.argv.includes("--check")) await check(server.address, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function downloadWithBars(urls: readonly string[], folder: string): Promise<void> {
  using view = new Bars();
  await downloadAll(urls, { ...plan, folder, view });
}

/** @throws AssertionError a file is missing, differs from the server's, or is partial */
async function check(address: string, folder: string): Promise<void> {
  const names = quick.map((path) => basename(path));
  assert.deepEqual((await readdir(folder)).toSorted(), names);
  for (const name of names) assert.ok(contentOf(name).equals(await readFile(join(folder, name))), `${name} is not as the server has it`);

  let downloads: Task<void> | undefined;
  const endings: string[] = [];
  const view = { progress: () => void downloads?.cancel(), end: (_name: string, how: string) => void endings.push(how) };
  const again = join(folder, "again");
  await mkdir(again);
  downloads = createTask(() => downloadAll(quick.map((path) => address + path), { ...plan, folder: again, view }));
  await assert.rejects(downloads, CancelledError);
  assert.deepEqual(endings, Array<string>(plan.limit).fill("cancelled"));
  assert.deepEqual(await readdir(again), []);
  console.log("Every quick file is as the server has it; cancelled downloads left nothing behind.");
}
