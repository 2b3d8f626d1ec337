// The transport on BullMQ and Redis. keys.ts says what it keeps in Redis.
//
//   caller ── BullMQ's job in the queue of the version ──▶ claims.ts of a host       pushed-calls.ts
//     ▲                                                          │
//     └──────────── stream of the caller: inbox.ts ◀── outbox.ts ┘                   and the other way round
import type { Redis } from "ioredis";
import { checkOption, checkOptions, integer, nameText, type OptionTable, type OptionType } from "@offloop/workers/executor";
import type { Line, Peer, PeerListener, Transport } from "@offloop/remote";
import { Keys } from "./keys.js";
import { connect } from "./redis.js";
import { RedisLine } from "./redis-line.js";
import { define, type Scripts } from "./scripts.js";

/** Options of `openTransport`. Each may stand in the URL too, as for `offloop host`: `redis://host:6379?leaseMs=2000`. */
export interface RedisTransportOptions {
  /**
   * The first part of each key in Redis, and BullMQ's `prefix`. Callers and hosts have the same one.
   * @default "offloop"
   */
  prefix?: string | undefined;
  /**
   * Milliseconds after which a host that renews nothing is gone, and its calls are lost. A caller is gone after six times as long.
   * At least 100; callers and hosts have the same one.
   * @default 5000
   */
  leaseMs?: number | undefined;
  /**
   * The largest call or message, in bytes.
   * @default 67108864: 64 MiB
   */
  maxBytes?: number | undefined;
}

const optionTypes: OptionTable<RedisTransportOptions> = { prefix: nameText, leaseMs: integer(100), maxBytes: integer(1) };
const urlOfRedis: OptionType = { takes: "the URL of Redis: redis://host:6379", accepts: (value) => typeof value === "string" && URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol) };

/** @param search of the URL @throws InvalidOptionError */
function optionsInUrl(search: string): Partial<RedisTransportOptions> {
  const given = Object.fromEntries([...new URLSearchParams(search)].map(([name, value]) => [name, name === "prefix" || value === "" ? value : Number(value)]));
  return checkOptions("openTransport()", given as RedisTransportOptions, optionTypes);
}

/** A connection to Redis, and the lines of the peers of this program on it. */
export class RedisTransport implements Transport {
  readonly name = "bullmq";
  readonly maxBytes: number;
  readonly #url: string;
  readonly #keys: Keys;
  readonly #leaseMs: number;
  readonly #redis: Redis & Scripts;
  readonly #lines = new Set<RedisLine>();
  #warned = false;

  constructor(url: string, options: RedisTransportOptions | undefined) {
    checkOption("openTransport()", "url", url, urlOfRedis);
    const { search, href } = new URL(url);
    const { prefix = "offloop", leaseMs = 5_000, maxBytes = 2 ** 26 } = { ...optionsInUrl(search), ...checkOptions("openTransport()", options, optionTypes) };
    this.maxBytes = maxBytes;
    this.#url = href.slice(0, href.length - search.length);
    this.#keys = new Keys(prefix);
    this.#leaseMs = leaseMs;
    this.#redis = define(connect(this.#url, { lazyConnect: true }));
    this.#redis.on("error", (error: Error) => this.#troubled(error)).on("ready", () => (this.#warned = false));
  }

  /** Tells each line, and the console once in an outage. */
  #troubled(error: Error): void {
    for (const line of this.#lines) line.troubled(error);
    if (this.#warned) return;
    this.#warned = true;
    const { host } = new URL(this.#url);
    process.emitWarning(`Redis at ${host} cannot be used (${error.message}). Calls wait until it can.`, "OffloopWarning");
  }

  async join(peer: Peer, listener: PeerListener): Promise<Line> {
    const line = new RedisLine({ url: this.#url, redis: this.#redis, keys: this.#keys, leaseMs: this.#leaseMs, left: (each) => this.#lines.delete(each) }, peer, listener);
    this.#lines.add(line);
    return line.join();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lines].map((line) => line.leave()));
    this.#redis.disconnect();
  }
}
