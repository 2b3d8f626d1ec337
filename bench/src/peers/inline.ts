// No pool at all: what the same work costs on the event loop itself.
import * as tasks from "../tasks/tasks.js";
import type { Contender, Pool } from "./pool.js";

export const contender: Contender = {
  name: "inline",
  async start() {
    const call = async (name: keyof typeof tasks, argument: number): Promise<number> => tasks[name](argument);
    return { call: call as Pool["call"], close: async () => {} };
  },
};
