// Prints the size of a folder every half second, until SIGINT (Ctrl+C) or SIGTERM. Then the current run ends, and
// the program exits. With `--check` it sends itself the signal in the middle of a run.
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { newEventLoop, setEventLoop, toThread } from "offloop";
import { folderSize } from "./folder-size.js";
import { Periodic } from "./periodic.js";

const periodMs = 500;
const runsToCheck = 3;
const checking = process.argv.includes("--check");
const folder = fileURLToPath(new URL("..", import.meta.url));

const loop = newEventLoop();
setEventLoop(loop);
let ended = 0;
const periodic = new Periodic(loop, periodMs, async () => {
  const size = toThread(folderSize, folder);
  if (checking && periodic.runs === runsToCheck) process.kill(process.pid, "SIGTERM");
  const { files, bytes } = await size;
  ended++;
  console.log(`${new Date().toISOString()}  ${files} files, ${bytes} bytes`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  loop.addSignalHandler(signal, async () => {
    console.log(`${signal}: ending`);
    await periodic.stop();
    loop.stop();
  });
}
periodic.start();
await loop.runForever();
await loop.shutdownDefaultExecutor();
loop.close();
console.log(`${ended} runs, ${periodic.leftOut} turns left out.`);

if (checking) assert.deepEqual({ begun: periodic.runs, ended }, { begun: runsToCheck, ended: runsToCheck });
