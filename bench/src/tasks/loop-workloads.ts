// The workloads of suites/loop.ts. peers/asyncio_loop.py has the same ones for asyncio. Each returns a number
// that the suite checks, to make sure that all operations were done.
import { createTask, Future, gather as gatherAll, getRunningLoop, Queue, sleep } from "@offloop/core";

async function callSoon(count: number): Promise<number> {
  const loop = getRunningLoop();
  const done = new Future<void>();
  let calls = 0;
  const callback = (): void => {
    calls += 1;
    if (calls === count) done.setResult();
  };
  for (let index = 0; index < count; index += 1) loop.callSoon(callback);
  await done;
  return calls;
}

async function tasks(count: number): Promise<number> {
  const work = async (value: number): Promise<number> => value;
  let total = 0;
  for (let index = 0; index < count; index += 1) total += await createTask(() => work(index));
  return total;
}

async function pingPong(count: number): Promise<number> {
  let turns = 0;
  const player = async (): Promise<void> => {
    for (let turn = 0; turn < count / 2; turn += 1) {
      turns += 1;
      await sleep(0);
    }
  };
  await gatherAll([player, player].map((each) => () => each()));
  return turns;
}

async function queue(count: number): Promise<number> {
  const items = new Queue<number>(1);
  const producer = createTask(async () => {
    for (let index = 0; index < count; index += 1) await items.put(index);
  });
  let total = 0;
  for (let index = 0; index < count; index += 1) total += await items.get();
  await producer;
  return total;
}

async function timers(count: number): Promise<number> {
  const loop = getRunningLoop();
  const done = new Future<void>();
  let fired = 0;
  const callback = (): void => {
    fired += 1;
    if (fired === count) done.setResult();
  };
  for (let index = 0; index < count; index += 1) loop.callLater(((index * 7919) % 1000) / 100, callback);
  await done;
  return fired;
}

async function gather(count: number): Promise<number> {
  const work = async (value: number): Promise<number> => {
    await sleep(0);
    return value;
  };
  const values = await gatherAll(Array.from({ length: count }, (_, index) => () => work(index)));
  return (values as number[]).reduce((total, value) => total + value, 0);
}

export const workloads = { callSoon, tasks, pingPong, queue, timers, gather };
export type WorkloadName = keyof typeof workloads;
