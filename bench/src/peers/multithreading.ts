// multithreading sends a function as its source text, so the function cannot use the module of the tasks.
// It takes part in the suites for `increment`, which is repeated here.
import { initRuntime, move, shutdown, spawn } from "multithreading";
import type { Contender } from "./pool.js";

export const contender: Contender = {
  name: "multithreading",
  async start(workers) {
    initRuntime({ maxWorkers: workers });
    return {
      async call(name, argument) {
        if (name !== "increment") throw new Error("multithreading takes part with increment only");
        const result = await spawn(move(argument as number), (value) => value + 1).join();
        if (result.ok) return result.value;
        throw result.error;
      },
      close: async () => shutdown(),
    };
  },
};
