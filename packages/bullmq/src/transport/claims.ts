// Claims the calls of one queue for a host: a Worker of BullMQ, which renews the locks of what it has claimed on this
// thread. A claimed call is never given to another host.
import { type Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { messageOf, realTime } from "@offloop/workers/executor";
import type { Delivery, Serving } from "@offloop/remote";
import type { Keys } from "./keys.js";
import type { Outbox } from "./outbox.js";
import type { JobOfCall } from "./pushed-calls.js";
import { connect, insist } from "./redis.js";

/** Leases after which BullMQ removes a call whose host and caller are both gone. A caller that is there has noticed long before. */
const LEASES_UNTIL_REMOVED = 10;

/** What a claim of calls needs of its line. */
export interface ClaimOptions {
  readonly url: string;
  readonly host: string;
  readonly queue: string;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly keys: Keys;
  readonly commands: Redis;
  readonly outbox: Outbox;
  isPresent(peer: string): Promise<boolean>;
  run(delivery: Delivery): Promise<void>;
  troubled(error: Error): void;
}

/** The calls of one queue that a host has claimed, until it stops. */
export class Claims implements Serving {
  readonly #options: ClaimOptions;
  readonly #connection: Redis;
  readonly #worker: Worker<JobOfCall>;
  readonly #running = new Set<Promise<void>>();
  /** Callers, and when they were last seen. */
  readonly #seen = new Map<string, number>();
  #stopped: Promise<void> | undefined;

  constructor(options: ClaimOptions) {
    const { url, host, queue, capacity, leaseMs, keys, troubled } = options;
    this.#options = options;
    this.#connection = connect(url, { maxRetriesPerRequest: null });
    this.#connection.on("error", () => {}); // the worker tells
    this.#worker = new Worker<JobOfCall>(keys.nameOf(queue), (job) => this.#follow(job), {
      connection: this.#connection,
      prefix: keys.prefix,
      name: host,
      concurrency: capacity,
      lockDuration: leaseMs,
      maxStalledCount: 0,
      stalledInterval: leaseMs * LEASES_UNTIL_REMOVED,
      skipVersionCheck: true,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#worker.on("error", troubled);
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  #follow(job: Job<JobOfCall>): Promise<void> {
    const running = this.#run(job);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  /** Never rejects for the sake of the call: what it could not do is told to the caller. */
  async #run(job: Job<JobOfCall>): Promise<void> {
    const key = job.id!;
    const { host, queue, outbox, run } = this.#options;
    const { c: caller } = job.data;
    if (!(await this.#isThere(caller))) return;
    try {
      const body = await this.#bodyOf(job);
      if (body === null) await outbox.lost(caller, key, { reason: "engine", host });
      else await run({ key, queue, body });
    } catch (error) {
      await outbox.lost(caller, key, { reason: "refused", host, message: messageOf(error) });
    }
  }

  async #bodyOf({ id, data: { b: inline } }: Job<JobOfCall>): Promise<Buffer | null> {
    if (inline !== undefined) return Buffer.from(inline, "base64");
    const { commands, keys } = this.#options;
    const body = await insist(commands, () => commands.getBuffer(keys.body(id!)));
    if (body !== null) commands.unlink(keys.body(id!)).catch(() => {}); // it ends by itself
    return body;
  }

  /** Whether the caller is there, which is asked once in a lease. The calls of a caller that has gone are not run. */
  async #isThere(caller: string): Promise<boolean> {
    const now = realTime.now();
    if (now - (this.#seen.get(caller) ?? -Infinity) < this.#options.leaseMs) return true;
    for (const [each, at] of this.#seen) if (now - at >= this.#options.leaseMs) this.#seen.delete(each);
    if (!(await this.#options.isPresent(caller))) return false;
    this.#seen.set(caller, now);
    return true;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const closed = this.#worker.close().catch(() => {});
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    // While Redis is away, the worker cannot tell that its last calls have ended. Their locks end by themselves.
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise<void>((resolve) => (timer = realTime.setTimeout(resolve, this.#options.leaseMs)))]);
    realTime.clearTimeout(timer);
    this.#connection.disconnect();
  }
}
