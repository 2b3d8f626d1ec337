// Cancels a running call, and measures the time until its worker begins the next call: once, and many times in a row.
import { median } from "../measure/statistics.js";
import type { Pool } from "../peers/pool.js";
import type { Cancellable } from "../tasks/tasks.js";
import type { Suite } from "./suite.js";
import { check } from "./suite.js";

const WORK_MS = 400;
const TIMES = 5;
const MANY = 100;
/** Contenders that let a cancelled call run to its end make fewer calls. */
const MOST_MS = 1_000;

export const suite: Suite = {
  id: "cancel",
  title: "Cancelling a running call",
  about: `One worker; a synchronous call of ${WORK_MS} ms that looks for its cancellation, given up when it has begun: until the worker has answered the next call; then ${MANY} such calls, one after the other (or as many as take a second).`,
  contenders: ["offloop", "piscina", "tinypool", "workerpool", "poolifier"],
  metrics: [
    { id: "free", title: "worker free again", unit: "ms", better: "lower" },
    { id: "many", title: `each of ${MANY}`, unit: "ms", better: "lower" },
    { id: "threads", title: "threads ended, each", unit: "", better: "lower" },
  ],
  async open(contender) {
    let threads = 0;
    process.on("worker", () => (threads += 1));
    const pool = await contender.start(1);
    const answers = async (): Promise<void> => check(await pool.call("increment", 1), 2, contender.name);
    const once = async (): Promise<number> => {
      await answers();
      const call = await begin(pool);
      const cancelled = performance.now();
      call.cancel();
      await answers();
      const ms = performance.now() - cancelled;
      await call.ended;
      return ms;
    };
    const many = async (): Promise<{ ms: number; threads: number }> => {
      const before = threads;
      const started = performance.now();
      let cancelled = 0;
      while (cancelled < MANY && performance.now() - started < MOST_MS) {
        const call = await begin(pool);
        call.cancel();
        await call.ended;
        cancelled += 1;
      }
      await answers();
      return { ms: (performance.now() - started) / cancelled, threads: (threads - before) / cancelled };
    };
    await once();
    return {
      async round() {
        const times: number[] = [];
        for (let time = 0; time < TIMES; time += 1) times.push(await once());
        const { ms, threads: ended } = await many();
        return { free: median(times), many: ms, threads: ended };
      },
      close: () => pool.close(),
    };
  },
};

/** Starts a call, and waits until its function runs. */
async function begin(pool: Pool): Promise<{ cancel(): void; ended: Promise<void> }> {
  const argument: Cancellable = { ms: WORK_MS, begun: new SharedArrayBuffer(4) };
  const { promise, cancel } = pool.cancellable!("untilCancelled", argument);
  const ended = Promise.resolve(promise).then(
    () => {},
    () => {},
  );
  const word = new Int32Array(argument.begun);
  while (Atomics.load(word, 0) === 0) await new Promise(setImmediate);
  return { cancel, ended };
}
