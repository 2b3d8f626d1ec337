// Giving up a call that runs: how long until its worker does something else.
import type { Suite } from "./suite.js";
import { check } from "./suite.js";
import { median } from "../measure/statistics.js";

const WORK_MS = 400;
const TIMES = 5;

export const suite: Suite = {
  id: "cancel",
  title: "Cancelling a running call",
  about: `One worker; a synchronous call of ${WORK_MS} ms that looks for its cancellation, given up after 10 ms: until the worker has answered the next call.`,
  contenders: ["offloop", "piscina", "tinypool", "workerpool", "poolifier"],
  metrics: [{ id: "free", title: "worker free again", unit: "ms", better: "lower" }],
  mostRounds: 7,
  async open(contender) {
    const pool = await contender.start(1);
    const once = async (): Promise<number> => {
      check(await pool.call("increment", 1), 2, contender.name);
      const call = pool.cancellable!("untilCancelled", WORK_MS);
      const ended = Promise.resolve(call.promise).then(
        () => undefined,
        () => undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
      const cancelled = performance.now();
      call.cancel();
      check(await pool.call("increment", 1), 2, contender.name);
      const ms = performance.now() - cancelled;
      await ended;
      return ms;
    };
    await once();
    return {
      async round() {
        const times: number[] = [];
        for (let time = 0; time < TIMES; time += 1) times.push(await once());
        return { free: median(times) };
      },
      close: () => pool.close(),
    };
  },
};
