// The calls that a caller has pushed: puts them into their queues as BullMQ's jobs, and looks now and then what has become
// of them. A call is lost if its job is not in Redis any more, or if its claim has ended, and no answer is in the inbox.
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Loss, PushedCall } from "@offloop/remote";
import type { Inbox } from "./inbox.js";
import type { Keys } from "./keys.js";
import { insist } from "./redis.js";
import { type Scripts, stateOfCall } from "./scripts.js";

/** A call, as it is in its job. Without `b` its bytes are beside the job. */
export interface JobOfCall {
  /** The caller. */
  readonly c: string;
  /** The body, as Base64. */
  readonly b?: string;
}

/** The largest body inside a job, in bytes. Larger ones are kept beside it: as Base64, 900 KB take 14 ms there and back, beside it 3 ms. */
const INLINE_BYTES = 2 ** 14;

/** BullMQ runs jobs of lower numbers first, and those without a number before all. */
const LOWEST = 1_000_001;

/** The number of calls whose state is asked for by one command. */
const ASKED = 500;

/** The part of the calls that one look asks for, beside the first `ASKED`: all of them in a lease. */
const PART = 4;

/** The events of BullMQ that stay for each queue, about. Nothing here reads them. */
const MOST_EVENTS = 100;

interface Pushed {
  readonly queue: string;
  readonly large: boolean;
  /** Whether Redis has it. */
  there: boolean;
}

/** The calls of one caller, from `push` until they are settled or lost. */
export class PushedCalls {
  readonly #caller: string;
  readonly #redis: Redis & Scripts;
  readonly #keys: Keys;
  readonly #inbox: Inbox;
  readonly #lost: (key: string, loss: Loss) => void;
  readonly #bodyMs: number;
  readonly #calls = new Map<string, Pushed>();
  readonly #queues = new Map<string, Queue<JobOfCall>>();

  /** @param bodyMs time to live of large bodies, unless they are renewed */
  constructor(caller: string, redis: Redis & Scripts, keys: Keys, inbox: Inbox, bodyMs: number, lost: (key: string, loss: Loss) => void) {
    this.#caller = caller;
    this.#redis = redis;
    this.#keys = keys;
    this.#inbox = inbox;
    this.#bodyMs = bodyMs;
    this.#lost = lost;
  }

  async push(queue: string, { key, name, priority, body }: PushedCall): Promise<void> {
    if (this.#calls.has(key)) return;
    const pushed: Pushed = { queue, large: body.length > INLINE_BYTES, there: false };
    this.#calls.set(key, pushed);
    try {
      await insist(this.#redis, async (before) => {
        if (before > 0 && (await this.#wasPushed(key))) return;
        if (pushed.large) await this.#redis.set(this.#keys.body(key), body as Buffer, "PX", this.#bodyMs);
        const data: JobOfCall = pushed.large ? { c: this.#caller } : { c: this.#caller, b: Buffer.from(body.buffer, body.byteOffset, body.length).toString("base64") };
        await this.#queue(queue).add(name, data, { jobId: key, priority: LOWEST - priority, removeOnComplete: true, removeOnFail: true });
      });
      pushed.there = true;
    } catch (error) {
      this.#calls.delete(key);
      throw error;
    }
  }

  /** Whether an attempt to push a call, whose connection was cut, had succeeded. It may have been answered meanwhile. */
  async #wasPushed(key: string): Promise<boolean> {
    const { queue } = this.#calls.get(key) ?? {};
    if (queue === undefined) return true;
    const [state] = await this.#redis.offloopStates(this.#keys.queue(queue), key);
    if (state !== stateOfCall.gone) return true;
    await this.#inbox.drained();
    return !this.#calls.has(key);
  }

  #queue(queue: string): Queue<JobOfCall> {
    let found = this.#queues.get(queue);
    if (found === undefined) {
      found = new Queue<JobOfCall>(this.#keys.nameOf(queue), { connection: this.#redis, prefix: this.#keys.prefix, skipVersionCheck: true, streams: { events: { maxLen: MOST_EVENTS } } });
      found.on("error", () => {}); // the connection tells
      this.#queues.set(queue, found);
    }
    return found;
  }

  takeBack(queue: string, key: string): Promise<boolean> {
    return insist(this.#redis, async (before) => {
      const prefix = this.#keys.queue(queue);
      if ((await this.#redis.offloopTake(`${prefix}prioritized`, prefix + key, this.#keys.body(key), key)) === 1) return true;
      if (before === 0) return false;
      // An attempt whose connection was cut may have taken it.
      const [state] = await this.#redis.offloopStates(prefix, key);
      if (state !== stateOfCall.gone) return false;
      await this.#inbox.drained();
      return this.#calls.has(key);
    });
  }

  settled(key: string): void {
    this.#calls.delete(key);
  }

  /** A host has refused the call, or could not read it. */
  refused(key: string, loss: Loss): void {
    if (this.#calls.delete(key)) this.#lost(key, loss);
  }

  /** Asks Redis what has become of the calls: of all of them within four looks. */
  async look(): Promise<void> {
    const there = [...this.#calls].filter(([, { there: isThere }]) => isThere);
    const asked = there.slice(0, Math.max(ASKED, Math.ceil(there.length / PART)));
    for (const [key, pushed] of asked) {
      if (!this.#calls.delete(key)) continue;
      this.#calls.set(key, pushed); // asked last the next time
      if (pushed.large) this.#redis.pexpire(this.#keys.body(key), this.#bodyMs).catch(() => {}); // it lives for many looks
    }
    for (const queue of new Set(asked.map(([, each]) => each.queue))) {
      const keys = asked.filter(([, each]) => each.queue === queue).map(([key]) => key);
      for (let first = 0; first < keys.length; first += ASKED) await this.#lookAt(queue, keys.slice(first, first + ASKED));
    }
  }

  async #lookAt(queue: string, keys: string[]): Promise<void> {
    const states = await insist(this.#redis, () => this.#redis.offloopStates(this.#keys.queue(queue), ...keys));
    const losses = keys.flatMap((key, index): [string, Loss][] => {
      const state = states[index]!;
      if (state === stateOfCall.gone) return [[key, { reason: "engine" }]];
      return state.startsWith(stateOfCall.lost) ? [[key, { reason: "host", host: state.slice(1) }]] : [];
    });
    if (losses.length === 0) return;
    await this.#inbox.drained();
    for (const [key, loss] of losses) {
      if (!this.#calls.delete(key)) continue; // its answer was in the inbox
      if (loss.reason === "host") void this.#queue(queue).remove(key).catch(() => {}); // or BullMQ removes it, ten leases later
      this.#lost(key, loss);
    }
  }

  /** Takes the calls that still wait out of their queues. */
  async leave(): Promise<void> {
    const calls = [...this.#calls];
    this.#calls.clear();
    await Promise.all(calls.map(([key, { queue }]) => this.takeBack(queue, key)));
  }
}
