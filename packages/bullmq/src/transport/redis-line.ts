// The line of one peer: its inbox, its lease, and what it has pushed or claimed.
import type { Redis } from "ioredis";
import { realTime } from "@offloop/workers/executor";
import type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving } from "@offloop/remote";
import { Claims } from "./claims.js";
import { Inbox } from "./inbox.js";
import type { Keys } from "./keys.js";
import { LOSS, MESSAGE, Outbox } from "./outbox.js";
import { PushedCalls } from "./pushed-calls.js";
import { insist, replies } from "./redis.js";
import type { Scripts } from "./scripts.js";

/** Renewals in a lease. */
const RENEWALS = 4;

/** A caller's lease in leases of hosts. A caller may compute, and nothing of it is lost while it does. */
const CALLER_LEASES = 6;

/** The least time for which an inbox and large values outlive the last renewal, in milliseconds. */
const LEAST_KEPT_MS = 600_000;

/** What a line has of its transport. */
export interface LineOptions {
  readonly url: string;
  readonly redis: Redis & Scripts;
  readonly keys: Keys;
  readonly leaseMs: number;
  readonly left: (line: RedisLine) => void;
}

/** The line of one peer, from `join` until it leaves. */
export class RedisLine implements Line {
  readonly #options: LineOptions;
  readonly #peer: Peer;
  readonly #listener: PeerListener;
  readonly #leaseMs: number;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pushed: PushedCalls;
  readonly #claims = new Map<string, Claims>();
  #about: Uint8Array;
  #joinedAt = 0;
  #renewing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #left: Promise<void> | undefined;

  constructor(options: LineOptions, peer: Peer, listener: PeerListener) {
    const { url, redis, keys, leaseMs } = options;
    this.#options = options;
    this.#peer = peer;
    this.#listener = listener;
    this.#about = peer.about;
    this.#leaseMs = peer.role === "host" ? leaseMs : leaseMs * CALLER_LEASES;
    const keptMs = Math.max(LEAST_KEPT_MS, this.#leaseMs * 2);
    this.#inbox = new Inbox(url, redis, keys, peer.id, keptMs, (field, value) => this.#received(field, value));
    this.#outbox = new Outbox(redis, keys);
    this.#pushed = new PushedCalls(peer.id, redis, keys, this.#inbox, keptMs, (key, loss) => this.#listener.lost(key, loss));
  }

  async join(): Promise<this> {
    this.#joinedAt = await this.#inbox.open();
    await this.#takeLease();
    this.#timer = realTime.setInterval(() => this.#renew(), this.#options.leaseMs / RENEWALS).unref();
    return this;
  }

  #received(field: string, value: Buffer): void {
    if (field === MESSAGE) this.#listener.received(value);
    else if (field === LOSS) {
      const { key, ...loss } = JSON.parse(String(value)) as Loss & { readonly key: string };
      this.#pushed.refused(key, loss);
    }
  }

  async #takeLease(): Promise<void> {
    const { redis, keys } = this.#options;
    const { id } = this.#peer;
    await insist(redis, () => {
      const pipeline = redis.pipeline().set(keys.lease(id), this.#about as Buffer, "PX", this.#leaseMs);
      for (const queue of this.#claims.keys()) pipeline.zadd(keys.hosts(queue), this.#joinedAt, id);
      return replies(pipeline);
    });
  }

  /** One renewal at a time: while Redis is away, the first one waits for it. */
  #renew(): void {
    this.#renewing ??= this.#renewAll()
      .catch((error: unknown) => this.troubled(error as Error))
      .finally(() => (this.#renewing = undefined));
  }

  async #renewAll(): Promise<void> {
    await this.#takeLease();
    await this.#inbox.renew();
    this.#look();
  }

  /** No renewal waits for a look, which may wait for an entry of an inbox that only the renewal finds to be lost. */
  #look(): void {
    if (this.#left !== undefined || this.#looking !== undefined) return;
    this.#looking = this.#pushed
      .look()
      .catch((error: unknown) => this.troubled(error as Error))
      .finally(() => (this.#looking = undefined));
  }

  troubled(error: Error): void {
    this.#listener.troubled?.(error);
  }

  send(to: string, message: Uint8Array): Promise<void> {
    return this.#outbox.send(to, message);
  }

  async isPresent(peer: string): Promise<boolean> {
    const { redis, keys } = this.#options;
    return (await insist(redis, () => redis.exists(keys.lease(peer)))) === 1;
  }

  async hosts(queue: string): Promise<HostEntry[]> {
    const { redis, keys } = this.#options;
    const ids = await insist(redis, () => redis.zrange(keys.hosts(queue), "0", "-1"));
    if (ids.length === 0) return [];
    const abouts = await insist(redis, () => redis.mgetBuffer(ids.map((id) => keys.lease(id))));
    const gone = ids.filter((_, index) => abouts[index] === null);
    if (gone.length > 0) redis.zrem(keys.hosts(queue), ...gone).catch(() => {}); // the next reader removes them
    return ids.flatMap((id, index) => (abouts[index] === null ? [] : [{ id, about: abouts[index]! }]));
  }

  push(queue: string, call: PushedCall): Promise<void> {
    return this.#pushed.push(queue, call);
  }

  takeBack(queue: string, key: string): Promise<boolean> {
    return this.#pushed.takeBack(queue, key);
  }

  settled(key: string): void {
    this.#pushed.settled(key);
  }

  async serve(queue: string, capacity: number, run: (delivery: Delivery) => Promise<void>): Promise<Serving> {
    const { url, redis, keys, leaseMs } = this.#options;
    const claims = new Claims({ url, host: this.#peer.id, queue, capacity, leaseMs, keys, commands: redis, outbox: this.#outbox, isPresent: (peer) => this.isPresent(peer), run, troubled: (error) => this.troubled(error) });
    this.#claims.set(queue, claims);
    await claims.ready();
    await this.#takeLease();
    return claims;
  }

  async tell(about: Uint8Array): Promise<void> {
    this.#about = about;
    if (this.#left === undefined) await this.#takeLease();
  }

  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  async #leave(): Promise<void> {
    realTime.clearInterval(this.#timer);
    // While Redis is away nothing can be removed. It ends by itself.
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#remove(), new Promise<void>((resolve) => (timer = realTime.setTimeout(resolve, this.#options.leaseMs)))]);
    realTime.clearTimeout(timer);
    this.#inbox.close();
    this.#options.left(this);
  }

  async #remove(): Promise<void> {
    const { redis, keys } = this.#options;
    const { id } = this.#peer;
    try {
      await this.#renewing;
      await this.#pushed.leave();
      await insist(redis, () => {
        const pipeline = redis.pipeline().unlink(keys.lease(id), keys.inbox(id));
        for (const queue of this.#claims.keys()) pipeline.zrem(keys.hosts(queue), id);
        return replies(pipeline);
      });
    } catch (error) {
      this.troubled(error as Error);
    }
  }
}
