// The calls that a caller has pushed: puts them into the stream of the calls, and looks now and then what has become of them.
// A host claims a call by its removal from the stream. A call is lost if it is not in the stream any more, and no host that
// is present has it.
import { realTime } from "@offloop/workers/executor";
import type { Loss, PushedCall } from "@offloop/remote";
import { type Connection, REQUEST_MS, type Session } from "./connection.js";
import type { Inbox } from "./inbox.js";
import type { Names } from "./names.js";
import { partBytes, partsOf } from "./outbox.js";
import { makeConsumer, ONCE_MS, removeCall } from "./streams.js";

/** The largest body inside a call, in bytes. Larger ones are kept beside it, in parts. */
const INLINE_BYTES = 2 ** 17;

interface Pushed {
  readonly subject: string;
  readonly large: boolean;
  /** Its number in the stream, once NATS has told it. */
  sequence: number | undefined;
  /** When the stream of the calls was made in which it is. */
  made: string | undefined;
  /** When NATS had it, which may be some time ago. */
  thereAt: number | undefined;
  /** The host that has claimed it. */
  host: string | undefined;
  /** When it was first missed: neither in the stream nor with a host that is present. */
  missedAt: number | undefined;
}

/** What the calls of a caller need of its line. */
export interface PushOptions {
  readonly caller: string;
  readonly connection: Connection;
  readonly names: Names;
  readonly inbox: Inbox;
  readonly leaseMs: number;
  lost(key: string, loss: Loss): void;
}

/** The calls of one caller, from `push` until they are settled or lost. */
export class PushedCalls {
  readonly #options: PushOptions;
  readonly #calls = new Map<string, Pushed>();
  /** The consumers that were made, by queue and priority. A new connection makes them again. */
  readonly #consumers = new Map<string, Promise<void>>();
  #forget: () => void;
  #sessionAt = -Infinity;

  constructor(options: PushOptions) {
    this.#options = options;
    this.#forget = options.connection.onSession(() => {
      this.#consumers.clear();
      this.#sessionAt = realTime.now();
    });
  }

  async push(queue: string, { key, name, priority, body }: PushedCall): Promise<void> {
    if (this.#calls.has(key)) return;
    const { connection, names, caller } = this.#options;
    const size = partBytes(await connection.session());
    const large = body.length > Math.min(size, INLINE_BYTES);
    const parts = large ? partsOf(body, size) : [];
    const pushed: Pushed = { subject: names.call(queue, priority, caller, key, parts.length, name), large, sequence: undefined, made: undefined, thereAt: undefined, host: undefined, missedAt: undefined };
    this.#calls.set(key, pushed);
    try {
      const begunAt = realTime.now();
      let server: string | undefined;
      await connection.insist(async (session) => {
        const { server_id: id } = session.nats.info!;
        server ??= id;
        pushed.made ??= session.made.calls;
        await this.#consumer(session, queue, priority);
        if (server !== id || realTime.now() - begunAt > ONCE_MS - REQUEST_MS) return; // an attempt may have succeeded, and a host has claimed the call: `look` finds out
        await Promise.all(parts.map((part, index) => session.stream.publish(names.part(key, index), part)));
        const { seq } = await session.stream.publish(pushed.subject, large ? undefined : body, { msgID: key });
        pushed.sequence = seq;
      });
      pushed.thereAt = realTime.now();
    } catch (error) {
      this.#calls.delete(key);
      throw error;
    }
  }

  /** Hosts pull from one consumer for each priority. */
  #consumer({ nats, manager }: Session, queue: string, priority: number): Promise<void> {
    const id = `${priority} ${queue}`;
    let made = this.#consumers.get(id);
    if (made === undefined) {
      const { names, leaseMs } = this.#options;
      made = makeConsumer(manager, names, queue, priority, leaseMs).then(() => nats.publish(names.newLevel(queue), String(priority)));
      made.catch(() => this.#consumers.delete(id));
      this.#consumers.set(id, made);
    }
    return made;
  }

  async takeBack(key: string): Promise<boolean> {
    const { connection, names } = this.#options;
    const pushed = this.#calls.get(key);
    if (pushed === undefined) return false;
    // An attempt whose connection was cut may have taken it, or a host: then `look` finds it missing.
    const taken = await connection.insist(async ({ manager }) => {
      const sequence = pushed.sequence ?? (await manager.streams.getMessage(names.calls, { last_by_subj: pushed.subject }))?.seq;
      return sequence !== undefined && removeCall(manager, names, sequence);
    });
    if (taken && pushed.large) this.#removeParts(key);
    return taken;
  }

  #removeParts(key: string): void {
    const { connection, names } = this.#options;
    void connection.insist(({ manager }) => manager.streams.purge(names.parts, { filter: names.part(key, "*") })).catch(() => {}); // they end by themselves
  }

  settled(key: string): void {
    this.#calls.delete(key);
  }

  /** A host has claimed the call. */
  claimed(key: string, host: string): void {
    const pushed = this.#calls.get(key);
    if (pushed !== undefined) pushed.host = host;
  }

  /** A host has refused the call, or could not read it. */
  refused(key: string, loss: Loss): void {
    if (this.#calls.delete(key)) this.#options.lost(key, loss);
  }

  /** Asks NATS what has become of the calls. */
  async look(): Promise<void> {
    if (this.#calls.size === 0) return;
    const { connection, names, caller } = this.#options;
    const askedAt = realTime.now();
    const [{ state, created }, hosts] = await connection.insist(({ manager: { streams } }) => Promise.all([streams.info(names.calls, { subjects_filter: names.callsOf(caller) }), streams.info(names.hosts, { subjects_filter: names.host("*", "*") })]));
    const waiting = new Set(Object.keys(state.subjects ?? {}).map((subject) => names.readCall(subject).key));
    const present = new Set(Object.keys(hosts.state.subjects ?? {}).map((subject) => names.readHost(subject)));
    const missed = [...this.#calls].filter(([key, call]) => this.#isMissed(call, waiting.has(key), present, askedAt, created));
    if (missed.length === 0) return;
    await this.#options.inbox.drained();
    for (const [key, call] of missed) if (call.missedAt !== undefined && !(call.host !== undefined && present.has(call.host)) && this.#calls.delete(key)) this.#options.lost(key, call.made !== created && call.host === undefined ? { reason: "engine" } : { reason: "host", host: call.host });
  }

  /** Whether a call is lost. Without its data NATS cannot have it; else its host has a lease for telling that it is there. */
  #isMissed(call: Pushed, waits: boolean, present: ReadonlySet<string>, askedAt: number, created: string): boolean {
    const { thereAt, host } = call;
    if (waits || thereAt === undefined || thereAt > askedAt || (host !== undefined && present.has(host))) {
      call.missedAt = undefined;
      return false;
    }
    call.missedAt ??= askedAt;
    if (call.made !== created && host === undefined) return true;
    // Hosts that were cut off with this peer renew their leases when NATS is back.
    return Math.min(askedAt - call.missedAt, askedAt - this.#sessionAt) >= this.#options.leaseMs / (host === undefined ? 1 : 2);
  }

  /** Takes the calls that still wait out of their queues. */
  async leave(): Promise<void> {
    this.#forget();
    const { connection, names, caller } = this.#options;
    const large = [...this.#calls].filter(([, each]) => each.large && each.host === undefined);
    this.#calls.clear();
    await connection.insist(({ manager }) => manager.streams.purge(names.calls, { filter: names.callsOf(caller) }));
    for (const [key] of large) this.#removeParts(key);
  }
}
