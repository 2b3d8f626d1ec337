// No pool: runs the same work on the event loop.
import { taskNamed } from "../tasks/table.js";
import type { Contender } from "./pool.js";

export const contender: Contender = {
  name: "inline",
  async start() {
    return {
      call: async (name, argument) => taskNamed(name)(argument),
      map: async (name, values) => values.map(taskNamed(name)),
      close: async () => {},
    };
  },
};
