// The fixture of docs/from-asyncio.md under vitest: one runner, and so one loop, for the tests of a file.
import { currentTask, type EventLoop, getRunningLoop, Runner, sleep } from "@offloop/core";
import { afterAll, expect, test } from "vitest";

const runner = new Runner({ debug: true });
afterAll(() => runner.close());

const inLoop = (body: () => Promise<void>) => () => runner.run(body);

const loops = new Set<EventLoop>();

for (const number of [1, 2]) {
  test(`test ${number} runs in a task of the runner's loop`, inLoop(async () => {
    await sleep(1);
    loops.add(getRunningLoop());
    expect(currentTask()).toBeDefined();
    expect([loops.size, getRunningLoop().debug]).toEqual([1, true]);
  }));
}
