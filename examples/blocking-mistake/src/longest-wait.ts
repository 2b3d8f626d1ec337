// Measures how long a task delays others: a second task should run every 10 ms, and measures its longest wait.
import { createTask, sleep } from "offloop";

const beatMs = 10;

/** Runs `work` beside a task that wakes every 10 ms. @returns the longest time between two of its turns, in ms */
export async function longestWaitBeside(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let lastTurn = performance.now();
  const turn = () => {
    longestMs = Math.max(longestMs, performance.now() - lastTurn);
    lastTurn = performance.now();
  };
  const neighbour = createTask(async () => {
    for (;;) {
      await sleep(beatMs);
      turn();
    }
  }, { name: "neighbour" });
  await sleep(beatMs);
  await work();
  await sleep(0);
  turn();
  neighbour.cancel();
  return longestMs;
}
