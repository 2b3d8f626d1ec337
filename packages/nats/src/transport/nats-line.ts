// The line of one peer: its inbox, its lease, and what it has pushed or claimed.
import { realTime } from "@offloop/workers/executor";
import type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving } from "@offloop/remote";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { Claims } from "./claims.js";
import type { Connection } from "./connection.js";
import { Inbox } from "./inbox.js";
import type { Names } from "./names.js";
import { kinds, Outbox } from "./outbox.js";
import { PushedCalls } from "./pushed-calls.js";

/** Renewals in a lease. */
const RENEWALS = 4;

/** The header with the number that NATS gave to the first lease of a host, by which hosts are in order. */
const JOINED = "Offloop-Joined";

/** What a line has of its transport. */
export interface LineOptions {
  readonly connection: Connection;
  readonly names: Names;
  readonly leaseMs: number;
  readonly left: (line: NatsLine) => void;
}

/** The line of one peer, from `join` until it leaves. */
export class NatsLine implements Line {
  readonly #options: LineOptions;
  readonly #peer: Peer;
  readonly #listener: PeerListener;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #pushed: PushedCalls;
  readonly #claims = new Map<string, Claims>();
  #about: Uint8Array;
  #joined: number | undefined;
  #renewing: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #left: Promise<void> | undefined;

  constructor(options: LineOptions, peer: Peer, listener: PeerListener) {
    const { connection, names, leaseMs } = options;
    this.#options = options;
    this.#peer = peer;
    this.#listener = listener;
    this.#about = peer.about;
    this.#inbox = new Inbox(connection, names, peer.id, (about, value) => this.#received(about, value));
    this.#outbox = new Outbox(connection, names);
    this.#pushed = new PushedCalls({ caller: peer.id, connection, names, inbox: this.#inbox, leaseMs, lost: (key, loss) => this.#listener.lost(key, loss) });
  }

  async join(): Promise<this> {
    await this.#inbox.open();
    await this.#takeLease();
    this.#timer = realTime.setInterval(() => this.#renew(), this.#options.leaseMs / RENEWALS).unref();
    return this;
  }

  #received([kind, key, host]: readonly string[], value: Uint8Array): void {
    if (kind === kinds.message) this.#listener.received(value);
    else if (kind === kinds.claim) this.#pushed.claimed(key!, host!);
    else if (kind === kinds.loss) this.#pushed.refused(key!, JSON.parse(Buffer.from(value).toString()) as Loss);
  }

  async #takeLease(): Promise<void> {
    const { connection, names } = this.#options;
    const { id, role } = this.#peer;
    const subjects = role === "caller" ? [names.caller(id)] : this.#claims.size === 0 ? [names.host(id, undefined)] : [...this.#claims.keys()].map((queue) => names.host(id, queue));
    await connection.insist(async ({ stream }) => {
      const given = await Promise.all(subjects.map((subject) => stream.publish(subject, this.#about, { headers: this.#joinedHeader() })));
      this.#joined ??= given[0]!.seq;
    });
  }

  #joinedHeader(): MsgHdrs {
    const header = headers();
    if (this.#joined !== undefined) header.set(JOINED, String(this.#joined));
    return header;
  }

  /** One renewal at a time: while NATS is away, the first one waits for it. */
  #renew(): void {
    this.#renewing ??= this.#renewAll()
      .catch((error: unknown) => this.troubled(error as Error))
      .finally(() => (this.#renewing = undefined));
  }

  async #renewAll(): Promise<void> {
    await this.#takeLease();
    await Promise.all([this.#inbox.renew(), ...[...this.#claims.values()].map((claims) => claims.renew())]);
    this.#look();
  }

  /** No renewal waits for a look, which may wait for a message of an inbox that only the renewal finds to be lost. */
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
    const { connection, names } = this.#options;
    return connection.insist(async ({ manager: { streams } }) => (await Promise.all([streams.getMessage(names.callers, { last_by_subj: names.caller(peer) }), streams.getMessage(names.hosts, { last_by_subj: names.host(peer, "*") })])).some((found) => found !== null));
  }

  async hosts(queue: string): Promise<HostEntry[]> {
    const { connection, names } = this.#options;
    const entries = await connection.insist(async ({ manager: { streams } }) => {
      const { state } = await streams.info(names.hosts, { subjects_filter: names.host("*", queue) });
      return Promise.all(Object.keys(state.subjects ?? {}).map(async (subject) => ({ subject, found: await streams.getMessage(names.hosts, { last_by_subj: subject }) })));
    });
    const present = entries.flatMap(({ subject, found }) => (found === null ? [] : [{ id: names.readHost(subject), about: found.data, joined: Number(found.header.get(JOINED)) || found.seq }]));
    return present.sort((one, other) => one.joined - other.joined).map(({ id, about }) => ({ id, about }));
  }

  push(queue: string, call: PushedCall): Promise<void> {
    return this.#pushed.push(queue, call);
  }

  takeBack(_queue: string, key: string): Promise<boolean> {
    return this.#pushed.takeBack(key);
  }

  settled(key: string): void {
    this.#pushed.settled(key);
  }

  async serve(queue: string, capacity: number, run: (delivery: Delivery) => Promise<void>): Promise<Serving> {
    const { connection, names, leaseMs } = this.#options;
    const claims = new Claims({ connection, names, host: this.#peer.id, queue, capacity, leaseMs, outbox: this.#outbox, isPresent: (peer) => this.isPresent(peer), run, troubled: (error) => this.troubled(error) });
    this.#claims.set(queue, claims);
    await this.#takeLease();
    await claims.ready();
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
    // While NATS is away nothing can be removed. It ends by itself.
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#remove(), new Promise<void>((resolve) => (timer = realTime.setTimeout(resolve, this.#options.leaseMs)))]);
    realTime.clearTimeout(timer);
    this.#inbox.close();
    this.#options.left(this);
  }

  async #remove(): Promise<void> {
    const { connection, names } = this.#options;
    const { id, role } = this.#peer;
    try {
      await this.#renewing;
      if (role === "caller") await this.#pushed.leave();
      await connection.insist(({ manager: { streams } }) =>
        Promise.all([
          streams.purge(names.inboxes, { filter: `${names.inbox(id)}.>` }),
          role === "caller" ? streams.purge(names.callers, { filter: names.caller(id) }) : streams.purge(names.hosts, { filter: names.host(id, "*") }),
        ]),
      );
    } catch (error) {
      this.troubled(error as Error);
    }
  }
}
