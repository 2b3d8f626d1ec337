// What every toolchain must be able to do. scripts/toolchains.mjs checks the results.
import { closeActor, spawnActor, startWatchdog, toProcess, toThread } from "offloop";
import { compute, fails, triple, WorkError } from "./work.js";

/** No export: it travels as code, with the arrow function that captures it. */
const failsAsCode = (by) => {
  throw new WorkError(`by ${by}`);
};

class Counter {
  count = 0;
  add(by) {
    return (this.count += by);
  }
}

async function failure(stackOf, call) {
  try {
    return await call();
  } catch (error) {
    return { name: error.name, code: error.code, stack: stackOf(error) };
  }
}

async function actor() {
  const counter = await spawnActor(Counter);
  await counter.add(2);
  const count = await counter.add(3);
  await closeActor(counter);
  return count;
}

/** A watchdog that names no place must not keep the program. */
const LONGEST_WAIT_MS = 60_000;

/** Holds the loop until the watchdog has named a place. */
async function stall() {
  let place;
  const watchdog = await startWatchdog({ thresholdMs: 50, report: "silent", onStall: (stall) => (place = stall.place) });
  const end = Date.now() + LONGEST_WAIT_MS;
  while (place === undefined && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    compute(300);
  }
  await watchdog.stop();
  return place;
}

/** @param stackOf gives the stack as users see it */
export async function results(stackOf = ({ stack }) => stack) {
  const offset = 4;
  return {
    exported: await toThread(triple, 5),
    arrow: await toThread((x) => x + offset, 5),
    failure: await failure(stackOf, async () => await toThread(fails)),
    arrowFailure: await failure(stackOf, async () => await toThread((x) => failsAsCode(x), offset)),
    process: await toProcess(triple, 6),
    actor: await actor(),
    stall: await stall(),
  };
}
