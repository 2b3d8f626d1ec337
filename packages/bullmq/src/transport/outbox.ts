// Sends messages into inboxes, in their order. One batch is under way at a time: what comes meanwhile is the next batch.
// A batch whose connection was cut is sent again as a whole, so a message may arrive twice, but none overtakes another.
//
//   send ─▶ waiting ── pipeline of XADD ──▶ stream of the receiver, which inbox.ts reads
import type { ChainableCommander, Redis } from "ioredis";
import type { Loss } from "@offloop/remote";
import type { Keys } from "./keys.js";
import { insist, isPassing } from "./redis.js";

/** The field of a message. */
export const MESSAGE = "m";
/** The field of the loss of a call. */
export const LOSS = "l";

/** The largest batch, in messages and in bytes. Guesses: a batch occupies Redis for some milliseconds. */
const MOST = 256;
const MOST_BYTES = 2 ** 20;

interface Waiting {
  readonly to: string;
  readonly field: string;
  readonly value: Uint8Array | string;
  resolve(): void;
  reject(error: unknown): void;
}

/** What one peer sends to all others. */
export class Outbox {
  readonly #redis: Redis;
  readonly #keys: Keys;
  #waiting: Waiting[] = [];
  #sending = false;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Resolves when Redis has it. Without effect if the inbox is not there. */
  send(to: string, message: Uint8Array): Promise<void> {
    return this.#add(to, MESSAGE, message);
  }

  /** Tells a caller that a call will not be answered. */
  lost(to: string, key: string, loss: Loss): Promise<void> {
    return this.#add(to, LOSS, JSON.stringify({ ...loss, key }));
  }

  #add(to: string, field: string, value: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ to, field, value, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      queueMicrotask(() => void this.#sendAll());
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#fitting());
      try {
        const outcomes = await insist(this.#redis, () => this.#give(batch));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const [error] = outcomes[index]!;
          if (error === null) resolve();
          else reject(error);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }

  #fitting(): number {
    let bytes = 0;
    const last = this.#waiting.findIndex(({ value }, index) => index === MOST || (bytes += value.length) > MOST_BYTES);
    return last === -1 ? this.#waiting.length : Math.max(1, last);
  }

  /** @throws an error that passes, if one of the commands has met it */
  async #give(batch: readonly Waiting[]): Promise<[error: Error | null, reply: unknown][]> {
    const pipeline: ChainableCommander = this.#redis.pipeline();
    for (const { to, field, value } of batch) pipeline.xadd(this.#keys.inbox(to), "NOMKSTREAM", "*", field, value as Buffer);
    const outcomes = (await pipeline.exec())!;
    const passing = outcomes.find(([error]) => error !== null && isPassing(error));
    if (passing !== undefined) throw passing[0]!;
    return outcomes;
  }
}
