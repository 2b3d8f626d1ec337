// The lower bound of process pools: `fork` and its IPC channel, without queue, errors or cancellation.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Contender, Pool } from "./pool.js";

const script = fileURLToPath(new URL("../tasks/for-raw-process.js", import.meta.url));

function start(workers: number, serialization: "json" | "advanced"): Pool {
  let lastId = 0;
  const waiting = new Map<number, (value: unknown) => void>();
  const children = Array.from({ length: workers }, () =>
    fork(script, { serialization, execArgv: [] }).on("message", ([id, value]: [number, unknown]) => {
      waiting.get(id)!(value);
      waiting.delete(id);
    }),
  );
  return {
    call(name, argument) {
      const id = (lastId += 1);
      children[id % children.length]!.send([id, name, argument]);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    close: async () => children.forEach((child) => child.disconnect()),
  };
}

export const contender: Contender = { name: "raw fork, advanced", start: async (workers) => start(workers, "advanced") };

export const json: Contender = { name: "raw fork, JSON", start: async (workers) => start(workers, "json") };
