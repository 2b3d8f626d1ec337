// Figures that do not depend on the load of the machine: messages and bytes that the main thread sends,
// memory that it allocates for each call, and threads that the pool starts.
import { serialize } from "node:v8";
import { MessagePort } from "node:worker_threads";
import { drive } from "./throughput.js";
import type { Suite } from "./suite.js";

const CALLS = 5_000;

/** Makes the suite for this number of outstanding calls. */
export function countsSuite(outstanding: number): Suite {
  return {
    id: `counts-${outstanding}`,
    title: `Counts, ${outstanding} outstanding`,
    about: `Two workers, ${CALLS.toLocaleString("en")} no-op calls; messages and bytes as posted by the main thread, and bytes of heap that it allocates.`,
    contenders: ["offloop", "piscina", "tinypool", "workerpool", "poolifier", "jest-worker", "raw", "raw-batched"],
    metrics: [
      { id: "messages", title: "messages a call", unit: "", better: "lower" },
      { id: "bytes", title: "message bytes a call", unit: "B", better: "lower" },
      { id: "allocated", title: "heap allocated a call", unit: "B", better: "lower" },
      { id: "threads", title: "threads started", unit: "", better: "lower" },
    ],
    // So large a young generation that V8 collects nothing while the suite counts allocations.
    execArgv: ["--expose-gc", "--max-semi-space-size=512", "--min-semi-space-size=256"],
    async open(contender) {
      let threads = 0;
      process.on("worker", () => (threads += 1));
      const pool = await contender.start(2);
      await drive(pool, outstanding, CALLS, contender.name);
      const run = (): Promise<void> => drive(pool, outstanding, CALLS, contender.name);
      return {
        async round() {
          globalThis.gc!();
          const before = process.memoryUsage().heapUsed;
          await run();
          const allocated = process.memoryUsage().heapUsed - before;
          const posted = await countPosts(run);
          return { messages: posted.messages / CALLS, bytes: posted.bytes / CALLS, ...(allocated > 0 ? { allocated: allocated / CALLS } : {}), threads };
        },
        close: () => pool.close(),
      };
    },
  };
}

/** Counts the messages that the main thread posts while `run` runs. */
async function countPosts(run: () => Promise<void>): Promise<{ messages: number; bytes: number }> {
  let messages = 0;
  let bytes = 0;
  const { prototype } = MessagePort; // Worker.postMessage calls this one too
  const { postMessage } = prototype;
  prototype.postMessage = function (this: MessagePort, message: unknown, ...rest: never[]) {
    messages += 1;
    bytes += serialize(message).byteLength;
    return Reflect.apply(postMessage, this, [message, ...rest]);
  };
  try {
    await run();
  } finally {
    prototype.postMessage = postMessage;
  }
  return { messages, bytes };
}
