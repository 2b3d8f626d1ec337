// The contenders, by a short key. A contender's process loads its own module and that of no other contender.
import type { Contender } from "./pool.js";

const load = {
  offloop: async () => (await import("./offloop.js")).contender,
  "offloop-to-thread": async () => (await import("./to-thread.js")).contender,
  "offloop-install": async () => (await import("./one-install.js")).contender,
  piscina: async () => (await import("./piscina.js")).contender,
  "piscina-concurrent": async () => (await import("./piscina.js")).concurrent,
  tinypool: async () => (await import("./tinypool.js")).contender,
  workerpool: async () => (await import("./workerpool.js")).contender,
  poolifier: async () => (await import("./poolifier.js")).contender,
  threads: async () => (await import("./threads.js")).contender,
  "jest-worker": async () => (await import("./jest-worker.js")).contender,
  multithreading: async () => (await import("./multithreading.js")).contender,
  raw: async () => (await import("./raw.js")).contender,
  "raw-batched": async () => (await import("./raw.js")).batched,
  "shared-memory": async () => (await import("./shared-memory.js")).contender,
  inline: async () => (await import("./inline.js")).contender,
  "offloop-processes": async () => (await import("./offloop.js")).processes,
  "tinypool-processes": async () => (await import("./tinypool.js")).processes,
  "workerpool-processes": async () => (await import("./workerpool.js")).processes,
  "jest-worker-processes": async () => (await import("./jest-worker.js")).processes,
  "raw-fork": async () => (await import("./raw-process.js")).contender,
  "raw-fork-json": async () => (await import("./raw-process.js")).json,
  "offloop-actor": async () => (await import("./actors.js")).thread,
  "offloop-actor-process": async () => (await import("./actors.js")).process,
  comlink: async () => (await import("./actors.js")).comlink,
  "offloop-one-thread": async () => (await import("./actors.js")).pool,
  "offloop-redis": async () => (await import("./redis.js")).offloop,
  "bullmq-wait": async () => (await import("./redis.js")).bullmq,
  "offloop-loop": async () => (await import("./loop.js")).offloop,
  asyncio: async () => (await import("./loop.js")).startAsyncio(),
} satisfies Record<string, () => Promise<Contender>>;

export type ContenderKey = keyof typeof load;

export function loadContender(key: ContenderKey): Promise<Contender> {
  return load[key]();
}

/** The pools of threads, offloop first. */
export const threadPools: readonly ContenderKey[] = ["offloop", "piscina", "tinypool", "workerpool", "poolifier", "threads", "jest-worker"];
