// The program that every toolchain builds and runs. It prints one line of JSON, which scripts/toolchains.mjs checks.
import { closeActor, spawnActor, startWatchdog, toProcess, toThread } from "offloop";
import { fails, holdLoop, triple } from "./work.js";

class Counter {
  count = 0;
  add(by) {
    return (this.count += by);
  }
}

async function failure() {
  try {
    return await toThread(fails);
  } catch ({ name, code, stack }) {
    return { name, code, stack };
  }
}

async function actor() {
  const counter = await spawnActor(Counter);
  await counter.add(2);
  const count = await counter.add(3);
  await closeActor(counter);
  return count;
}

/** Holds the loop until the watchdog has named a place. */
async function stall() {
  let place;
  const watchdog = await startWatchdog({ thresholdMs: 50, report: "silent", onStall: (stall) => (place = stall.place) });
  while (place === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    holdLoop(300);
  }
  await watchdog.stop();
  return place;
}

async function main() {
  const offset = 4;
  console.log(
    JSON.stringify({
      exported: await toThread(triple, 5),
      arrow: await toThread((x) => x + offset, 5),
      failure: await failure(),
      process: await toProcess(triple, 6),
      actor: await actor(),
      stall: await stall(),
    }),
  );
}

main();
