// Reads the inbox of a peer: the messages of one subject of a stream, from the last one that was read. What arrives while the
// connection is cut is read after it. Messages that were read are removed now and then.
import { randomUUID } from "node:crypto";
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { Msg, Subscription } from "@nats-io/transport-node";
import { realTime } from "@offloop/workers/executor";
import type { Connection, Session } from "./connection.js";
import { type Names, placeOf } from "./names.js";
import { kinds } from "./outbox.js";
import { nanos } from "./streams.js";

/** Milliseconds between the signs of life of NATS while no message comes. Without three of them, the inbox is read anew. */
const SIGN_MS = 3_000;

/** Milliseconds after which the parts of a message whose sender has gone are dropped. A guess. */
const PARTIAL_MS = 600_000;

/** Receives messages, one at a time. @param about what the subject says of it, after the peer */
export type Receive = (about: readonly string[], value: Uint8Array) => void;

interface Partial {
  readonly parts: Uint8Array[];
  readonly begunAt: number;
}

interface Fence {
  readonly sequence: number;
  passed(): void;
}

/** The inbox of one peer, from `open` until it is closed. */
export class Inbox {
  readonly #connection: Connection;
  readonly #names: Names;
  readonly #peer: string;
  readonly #receive: Receive;
  /** Large messages whose last parts are missing, by their ids. */
  readonly #partial = new Map<string, Partial>();
  /** When the stream was made, which tells whether NATS has lost it. */
  #created: string | undefined;
  #last = 0;
  #trimmed = 0;
  #fences: Fence[] = [];
  #reading: { readonly session: Session; readonly subscription: Subscription } | undefined;
  #heardAt = 0;
  #closed = false;
  #forget: (() => void) | undefined;

  constructor(connection: Connection, names: Names, peer: string, receive: Receive) {
    this.#connection = connection;
    this.#names = names;
    this.#peer = peer;
    this.#receive = receive;
  }

  /** Begins to read. */
  async open(): Promise<void> {
    await this.#connection.insist((session) => this.#read(session));
    this.#forget = this.#connection.onSession((session) => this.#readAgain(session));
  }

  #readAgain(session: Session): void {
    if (this.#closed || session.over) return;
    this.#read(session).catch(() => realTime.setTimeout(() => this.#readAgain(session), 50).unref());
  }

  /** A consumer for this connection, from the message after the last one. */
  async #read(session: Session): Promise<void> {
    const { nats, manager } = session;
    const { inboxes: created } = session.made;
    if (created !== this.#created && this.#created !== undefined) {
      this.#last = this.#trimmed = 0;
      this.#release(Infinity);
    }
    this.#created = created;
    this.#reading?.subscription.unsubscribe();
    const to = `_INBOX.${randomUUID()}`;
    let expected = 1;
    const subscription = nats.subscribe(to, {
      callback: (error, message) => {
        if (error !== null || this.#reading?.subscription !== subscription) return;
        this.#heardAt = realTime.now();
        const place = message.headers?.code === 100 ? undefined : placeOf(message.reply);
        if (place === undefined) return this.#sign(message, session, expected);
        if (place.delivered !== expected) return this.#readAgain(session); // one is missing
        expected += 1;
        this.#take(message, place.sequence);
      },
    });
    this.#reading = { session, subscription };
    this.#heardAt = realTime.now();
    await manager.consumers.add(this.#names.inboxes, {
      deliver_subject: to,
      filter_subject: this.#names.inbox(this.#peer) + ".>",
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#last + 1,
      ack_policy: AckPolicy.None,
      flow_control: true,
      idle_heartbeat: nanos(SIGN_MS),
      inactive_threshold: nanos(SIGN_MS * 2),
      mem_storage: true,
      num_replicas: 1,
    });
  }

  /** A sign of life says the number of the last message. A request to go on is answered. */
  #sign(message: Msg, session: Session, expected: number): void {
    const { headers } = message;
    const stalled = headers?.get("Nats-Consumer-Stalled");
    if (message.reply) message.respond();
    else if (stalled) session.nats.publish(stalled);
    const last = headers?.get("Nats-Last-Consumer");
    if (last && Number(last) !== expected - 1) this.#readAgain(session);
  }

  #take(message: Msg, sequence: number): void {
    this.#last = sequence;
    const [kind, ...about] = this.#names.readInbox(message.subject) as [string, ...string[]];
    if (kind === kinds.part) this.#join(about as [string, string, string], message.data);
    else this.#receive([kind, ...about], message.data);
    this.#release(sequence);
  }

  /** Parts of one sender come in their order, the first ones once more after a cut connection. */
  #join([id, index, count]: [string, string, string], part: Uint8Array): void {
    if (index === "0") this.#partial.set(id, { parts: [], begunAt: realTime.now() });
    const parts = this.#partial.get(id)?.parts;
    if (parts === undefined) return; // the whole was received before
    parts[Number(index)] = part;
    if (Number(index) < Number(count) - 1) return;
    this.#partial.delete(id);
    this.#receive([kinds.message], Buffer.concat(parts));
  }

  /** Removes what was read, and reads anew where NATS is silent. */
  async renew(): Promise<void> {
    const reading = this.#reading;
    if (reading !== undefined && !reading.session.over && realTime.now() - this.#heardAt > SIGN_MS * 3) this.#readAgain(reading.session);
    for (const [id, { begunAt }] of this.#partial) if (realTime.now() - begunAt > PARTIAL_MS) this.#partial.delete(id);
    const upTo = this.#last;
    if (upTo === this.#trimmed) return;
    await this.#connection.insist(({ manager }) => manager.streams.purge(this.#names.inboxes, { filter: `${this.#names.inbox(this.#peer)}.>`, seq: upTo + 1 }));
    this.#trimmed = upTo;
  }

  /** Resolves when everything was received that is in the inbox now. */
  async drained(): Promise<void> {
    const last = await this.#connection.insist(({ manager }) => manager.streams.getMessage(this.#names.inboxes, { last_by_subj: `${this.#names.inbox(this.#peer)}.>` }));
    if (last === null || last.seq <= this.#last) return;
    await new Promise<void>((passed) => this.#fences.push({ sequence: last.seq, passed }));
  }

  /** @param upTo Infinity: all, because what they wait for will not come */
  #release(upTo: number): void {
    if (this.#fences.length === 0) return;
    const passed = this.#fences.filter(({ sequence }) => sequence <= upTo);
    this.#fences = this.#fences.filter((each) => !passed.includes(each));
    for (const each of passed) each.passed();
  }

  close(): void {
    this.#closed = true;
    this.#forget?.();
    this.#reading?.subscription.unsubscribe();
    this.#release(Infinity);
  }
}
