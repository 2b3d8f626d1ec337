// Claims the calls of one queue for a host. NATS delivers a call where a pull waits; whoever removes it from the stream has
// claimed it, so a claimed call is never run elsewhere. No more pulls wait than the host has free workers.
//
//   one priority        a pull for each free worker waits at the consumer of the priority
//   several priorities  asked from the highest to the lowest; if none has a call, pulls wait at all of them, and a call that
//                       comes when no worker is free any more is given back
import { randomUUID } from "node:crypto";
import type { Msg, Subscription } from "@nats-io/transport-node";
import { messageOf, realTime } from "@offloop/workers/executor";
import type { Delivery, Serving } from "@offloop/remote";
import type { Connection, Session } from "./connection.js";
import { type Names, placeOf } from "./names.js";
import type { Outbox } from "./outbox.js";
import { consumerOf, makeConsumer, nanos, prioritiesOf, removeCall } from "./streams.js";

/** Milliseconds for which a pull waits in NATS. */
const PULL_MS = 10_000;

/** Milliseconds after which a question is asked again. A NATS that starts may lose one. */
const ASK_MS = 2_000;

/** Milliseconds after which a caller is told who has its call, unless it has the answer. */
const TOLD_MS = 20;

/** What a claim of calls needs of its line. */
export interface ClaimOptions {
  readonly connection: Connection;
  readonly names: Names;
  readonly host: string;
  readonly queue: string;
  readonly capacity: number;
  readonly leaseMs: number;
  readonly outbox: Outbox;
  isPresent(peer: string): Promise<boolean>;
  run(delivery: Delivery): Promise<void>;
  troubled(error: Error): void;
}

/** The pulls of one connection. */
interface Pulls {
  readonly session: Session;
  readonly inbox: string;
  readonly subscriptions: Subscription[];
  /** The pulls that wait, by priority. */
  readonly open: Map<number, number>;
  heardAt: number;
  asking: boolean;
  /** Receives the answer to the question that is asked. */
  answered(message: Msg): void;
}

/** The calls of one queue that a host has claimed, until it stops. */
export class Claims implements Serving {
  readonly #options: ClaimOptions;
  readonly #running = new Set<Promise<void>>();
  /** Callers, and when they were last seen. */
  readonly #seen = new Map<string, number>();
  #priorities: number[] = [0];
  #pulls: Pulls | undefined;
  #forget: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ClaimOptions) {
    this.#options = options;
  }

  async ready(): Promise<void> {
    const { connection } = this.#options;
    await connection.insist((session) => this.#begin(session));
    this.#forget = connection.onSession((session) => this.#beginAgain(session));
  }

  #beginAgain(session: Session): void {
    if (this.#stopped !== undefined || session.over) return;
    this.#begin(session).catch((error: unknown) => {
      this.#options.troubled(error as Error);
      realTime.setTimeout(() => this.#beginAgain(session), 50).unref();
    });
  }

  async #begin(session: Session): Promise<void> {
    const { nats, manager } = session;
    const { names, queue, leaseMs } = this.#options;
    for (const each of this.#pulls?.subscriptions ?? []) each.unsubscribe();
    await makeConsumer(manager, names, queue, 0, leaseMs);
    const inbox = `_INBOX.${randomUUID()}`;
    const pulls: Pulls = { session, inbox, open: new Map(), heardAt: realTime.now(), asking: false, answered: () => {}, subscriptions: [] };
    pulls.subscriptions.push(
      nats.subscribe(`${inbox}.ask`, { callback: (error, message) => (error === null ? pulls.answered(message) : undefined) }),
      nats.subscribe(`${inbox}.pull.*`, { callback: (error, message) => (error === null ? this.#received(pulls, message) : undefined) }),
      nats.subscribe(names.newLevel(queue), { callback: (error, message) => (error === null ? this.#learn([Number(message.string())]) : undefined) }),
    );
    this.#pulls = pulls;
    await this.#readPriorities(session);
    this.#fill();
  }

  async #readPriorities({ nats }: Session): Promise<void> {
    const { names, queue } = this.#options;
    const found: string[] = [];
    for (;;) {
      const answer = (await nats.request(`$JS.API.CONSUMER.NAMES.${names.calls}`, JSON.stringify({ offset: found.length }))).json<{ total: number; consumers: string[] | null }>();
      found.push(...(answer.consumers ?? []));
      if ((answer.consumers ?? []).length === 0 || found.length >= answer.total) break;
    }
    this.#priorities = [];
    this.#learn([0, ...prioritiesOf(queue, found)]);
  }

  #learn(priorities: readonly number[]): void {
    const known = new Set([...this.#priorities, ...priorities]);
    if (known.size === this.#priorities.length) return;
    this.#priorities = [...known].sort((one, other) => other - one);
    this.#fill();
  }

  /** Reads which priorities there are, and begins anew where NATS is silent. The line calls it from time to time. */
  async renew(): Promise<void> {
    const pulls = this.#pulls;
    if (pulls === undefined || pulls.session.over || this.#stopped !== undefined) return;
    if (realTime.now() - pulls.heardAt > PULL_MS * 2) return this.#begin(pulls.session);
    await this.#readPriorities(pulls.session);
  }

  get #free(): number {
    return this.#stopped === undefined ? this.#options.capacity - this.#running.size : 0;
  }

  #fill(): void {
    const pulls = this.#pulls;
    if (pulls === undefined || pulls.session.over || this.#free <= 0) return;
    if (this.#priorities.length === 1) this.#wait(pulls);
    else if (!pulls.asking) void this.#ask(pulls);
  }

  /** Lets a pull for each free worker wait at each priority. */
  #wait(pulls: Pulls): void {
    for (const priority of this.#priorities) {
      for (let open = pulls.open.get(priority) ?? 0; open < this.#free; open += 1) {
        pulls.session.nats.publish(this.#next(priority), JSON.stringify({ batch: 1, expires: nanos(PULL_MS) }), { reply: `${pulls.inbox}.pull.${priority}` });
        pulls.open.set(priority, open + 1);
      }
    }
  }

  #next(priority: number): string {
    const { names, queue } = this.#options;
    return `$JS.API.CONSUMER.MSG.NEXT.${names.calls}.${consumerOf(queue, priority)}`;
  }

  /** Asks for a call from the highest priority to the lowest, while there are free workers. */
  async #ask(pulls: Pulls): Promise<void> {
    pulls.asking = true;
    try {
      while (this.#free > 0 && !pulls.session.over && this.#pulls === pulls) {
        const message = await this.#first(pulls);
        if (message === undefined) return this.#wait(pulls);
        this.#take(message);
      }
    } catch (error) {
      if (!pulls.session.over) this.#options.troubled(error as Error);
      realTime.setTimeout(() => this.#fill(), TOLD_MS).unref();
    } finally {
      pulls.asking = false;
    }
  }

  async #first(pulls: Pulls): Promise<Msg | undefined> {
    for (const priority of this.#priorities) {
      const answer = new Promise<Msg>((resolve, reject) => {
        const late = realTime.setTimeout(() => reject(new Error("NATS does not answer a pull")), ASK_MS).unref();
        pulls.answered = (message) => {
          realTime.clearTimeout(late);
          resolve(message);
        };
      });
      pulls.session.nats.publish(this.#next(priority), JSON.stringify({ batch: 1, no_wait: true }), { reply: `${pulls.inbox}.ask` });
      const message = await answer;
      if (message.reply) return message;
    }
    return undefined;
  }

  /** A pull has got a call, or has ended. */
  #received(pulls: Pulls, message: Msg): void {
    pulls.heardAt = realTime.now();
    const { reply, subject } = message;
    // The consumer is named in `$JS.ACK.<stream>.<consumer>.…`, a pull that has ended by its own subject.
    const priority = reply ? this.#priorities.find((each) => reply.includes(`.${consumerOf(this.#options.queue, each)}.`)) : Number(subject.slice(subject.lastIndexOf(".") + 1));
    if (priority !== undefined) pulls.open.set(priority, Math.max(0, (pulls.open.get(priority) ?? 0) - 1));
    if (reply) return this.#take(message);
    // A consumer that was removed, or too many pulls, would answer at once again.
    if (message.headers?.code === 408) this.#fill();
    else realTime.setTimeout(() => this.#beginAgain(pulls.session), 1_000).unref();
  }

  #take(message: Msg): void {
    if (this.#free <= 0) return void message.respond("-NAK");
    const running = this.#follow(message).catch((error: unknown) => this.#options.troubled(error as Error));
    this.#running.add(running);
    void running.then(() => {
      this.#running.delete(running);
      this.#fill();
    });
  }

  /** Never rejects for the sake of the call: what it could not do is told to the caller. */
  async #follow(message: Msg): Promise<void> {
    const { names, host, queue, outbox, run } = this.#options;
    const { caller, key, parts } = names.readCall(message.subject);
    if (!(await this.#claim(message)) || !(await this.#isThere(caller))) return;
    const told = realTime.setTimeout(() => void outbox.claimed(caller, key, host).catch(() => {}), TOLD_MS).unref();
    try {
      const body = parts === 0 ? message.data : await this.#bodyOf(key, parts);
      if (body === undefined) await outbox.lost(caller, key, { reason: "engine", host });
      else await run({ key, queue, body });
    } catch (error) {
      await outbox.lost(caller, key, { reason: "refused", host, message: messageOf(error) });
    } finally {
      realTime.clearTimeout(told);
    }
  }

  /** Removes the call from its stream. An attempt whose connection was cut may have removed it; then the call is lost, and its caller finds out. @returns whether it was there */
  async #claim(message: Msg): Promise<boolean> {
    const { connection, names } = this.#options;
    const { sequence } = placeOf(message.reply)!;
    try {
      return await connection.insist(({ manager }) => removeCall(manager, names, sequence));
    } finally {
      message.respond("+ACK");
    }
  }

  async #bodyOf(key: string, count: number): Promise<Buffer | undefined> {
    const { connection, names } = this.#options;
    const parts = await connection.insist(({ manager }) => Promise.all(Array.from({ length: count }, (_, index) => manager.streams.getMessage(names.parts, { last_by_subj: names.part(key, index) }))));
    if (parts.includes(null)) return undefined;
    void connection.insist(({ manager }) => manager.streams.purge(names.parts, { filter: names.part(key, "*") })).catch(() => {}); // they end by themselves
    return Buffer.concat(parts.map((part) => part!.data));
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
    this.#forget?.();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    // A call that NATS delivers meanwhile is given back.
    await Promise.allSettled((this.#pulls?.subscriptions ?? []).map((each) => each.drain()));
  }
}
