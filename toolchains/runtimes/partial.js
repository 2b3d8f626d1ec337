// What runs beside Node, and what says that it does not.
import { closeActor, spawnActor, startWatchdog, toProcess, toThread } from "offloop";
import { Counter } from "./counter.js";
import { fails, triple } from "./work.js";

const offset = 4;
// Bun drops the frame of a function that returns a call, and the frame names the module that imports the function: so they await.
const outcome = (action) => Promise.resolve().then(action).catch(({ name, code, message, stack }) => ({ name, code, message, stack }));
const actor = (kind) => outcome(async () => {
  const counter = await spawnActor.with({ kind })(Counter);
  await counter.add(2);
  const count = await counter.add(3);
  await closeActor(counter);
  return count;
});
const found = {
  exported: await outcome(async () => await toThread(triple, 5)),
  failure: await outcome(async () => await toThread(fails)),
  arrow: await outcome(async () => await toThread((x) => x + offset, 5)),
  actor: await actor("thread"),
  actorOnProcess: await actor("process"),
  process: await outcome(async () => await toProcess(triple, 6)),
  watchdog: await outcome(() => startWatchdog({ report: "silent" })),
};
console.log(JSON.stringify(found));
process.exit();
