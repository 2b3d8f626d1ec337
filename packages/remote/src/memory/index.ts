/// <reference types="node" preserve="true" />
// The transport within one process: for tests, and for programs that are not distributed yet. It keeps every promise of
// transport.ts: bytes are copied, deliveries come in later turns, and the claims of a host whose lease ends are lost.
import { checkOptions, integer, type OptionTable, realTime, spanMs } from "@offloop/workers/executor";
import type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving, Transport } from "../transport/transport.js";

/** Options of `MemoryTransport`. */
export interface MemoryTransportOptions {
  /**
   * Milliseconds after which a peer that was cut off is gone.
   * @default 1000
   */
  leaseMs?: number | undefined;
  /**
   * The largest call or message, in bytes.
   * @default 67108864: 64 MiB
   */
  maxBytes?: number | undefined;
}

const memoryTransportOptionTypes: OptionTable<MemoryTransportOptions> = { leaseMs: spanMs, maxBytes: integer(1) };

interface Entry {
  readonly call: PushedCall;
  readonly caller: string;
  readonly queue: string;
  /** The host that has claimed it. */
  host: string | undefined;
}

interface Server {
  readonly host: Member;
  readonly capacity: number;
  readonly run: (delivery: Delivery) => Promise<void>;
  readonly running: Set<Promise<void>>;
  stopped: boolean;
}

/** The engine and its lines in one: peers that join the same instance reach each other. */
export class MemoryTransport implements Transport {
  readonly name = "memory";
  readonly maxBytes: number;
  readonly #leaseMs: number;
  readonly #members = new Map<string, Member>();
  readonly #calls = new Map<string, Entry>();
  /** The calls that no host has claimed: by queue, by priority, in the order of arrival. */
  readonly #waiting = new Map<string, Map<number, Set<Entry>>>();
  readonly #servers = new Map<string, Server[]>();

  /** @throws InvalidOptionError */
  constructor(options?: MemoryTransportOptions) {
    const { leaseMs = 1_000, maxBytes = 2 ** 26 } = checkOptions("new MemoryTransport()", options, memoryTransportOptionTypes);
    this.#leaseMs = leaseMs;
    this.maxBytes = maxBytes;
  }

  async join(peer: Peer, listener: PeerListener): Promise<Line> {
    const member = new Member(this, peer, listener);
    this.#members.set(peer.id, member);
    return member;
  }

  async close(): Promise<void> {
    for (const member of [...this.#members.values()]) await member.leave();
  }

  /** For tests: cuts a peer off, as if its machine had stopped. Its lease ends after `leaseMs`. It hears nothing, and nobody hears it. */
  cut(peer: string): void {
    const member = this.#members.get(peer);
    if (member === undefined) throw new Error(`no peer ${peer} has joined: the peers are ${[...this.#members.keys()].join(", ")}`);
    member.cut = true;
    realTime.setTimeout(() => this.leave(member), this.#leaseMs).unref();
  }

  /** For tests: loses every call that waits, as an engine without persistence does when it restarts. */
  forget(): void {
    for (const [key, entry] of [...this.#calls]) if (entry.host === undefined) this.#lose(key, { reason: "engine" });
  }

  /** The ids of the peers, in the order in which they joined. */
  peers(): string[] {
    return [...this.#members.keys()];
  }

  /** The number of calls that no host has claimed. */
  get waiting(): number {
    return [...this.#calls.values()].filter(({ host }) => host === undefined).length;
  }

  /** @internal */
  post(from: Member, to: string, message: Uint8Array): void {
    if (!from.cut) this.#members.get(to)?.receive((listener) => listener.received(message));
  }

  /** @internal */
  has(peer: string): boolean {
    return this.#members.has(peer);
  }

  /** @internal */
  hosts(queue: string): HostEntry[] {
    return (this.#servers.get(queue) ?? []).map(({ host }) => ({ id: host.peer.id, about: host.about }));
  }

  /** @internal */
  push(caller: Member, queue: string, call: PushedCall): void {
    if (this.#calls.has(call.key)) return;
    const entry: Entry = { call: { ...call, body: Uint8Array.from(call.body) }, caller: caller.peer.id, queue, host: undefined };
    this.#calls.set(call.key, entry);
    const levels = this.#waiting.get(queue) ?? new Map<number, Set<Entry>>();
    this.#waiting.set(queue, levels.set(call.priority, (levels.get(call.priority) ?? new Set()).add(entry)));
    this.#deliver(queue);
  }

  /** @returns the call, if it was there */
  #remove(key: string): Entry | undefined {
    const entry = this.#calls.get(key);
    if (entry === undefined) return undefined;
    this.#calls.delete(key);
    this.#leaveQueue(entry);
    return entry;
  }

  #leaveQueue(entry: Entry): void {
    const levels = this.#waiting.get(entry.queue);
    const level = levels?.get(entry.call.priority);
    if (level?.delete(entry) === true && level.size === 0) levels!.delete(entry.call.priority);
  }

  /** @internal */
  takeBack(key: string): boolean {
    return this.#calls.get(key)?.host === undefined && this.#remove(key) !== undefined;
  }

  /** @internal */
  forgetCall(key: string): void {
    this.#remove(key);
  }

  /** @internal */
  serve(host: Member, queue: string, capacity: number, run: (delivery: Delivery) => Promise<void>): Serving {
    const server: Server = { host, capacity, run, running: new Set(), stopped: false };
    this.#servers.set(queue, [...(this.#servers.get(queue) ?? []), server]);
    this.#deliver(queue);
    return {
      stop: async () => {
        server.stopped = true;
        await Promise.all(server.running);
      },
    };
  }

  /** @internal The lease of a peer has ended. */
  leave(member: Member): void {
    const { id, role } = member.peer;
    if (!this.#members.delete(id)) return;
    member.cut = true;
    for (const [queue, servers] of this.#servers) this.#servers.set(queue, servers.filter(({ host }) => host !== member));
    for (const [key, entry] of [...this.#calls]) {
      if (role === "host" && entry.host === id) this.#lose(key, { reason: "host", host: id });
      if (role === "caller" && entry.caller === id && entry.host === undefined) this.#remove(key);
    }
  }

  #lose(key: string, loss: Loss): void {
    const entry = this.#remove(key);
    if (entry !== undefined) this.#members.get(entry.caller)?.receive((listener) => listener.lost(key, loss));
  }

  /** Gives waiting calls to hosts that have room, in a later turn. */
  #deliver(queue: string): void {
    realTime.setImmediate(() => {
      for (const server of this.#free(queue)) {
        const entry = this.#next(queue);
        if (entry === undefined) return;
        this.#run(server, entry);
      }
    });
  }

  /** The hosts with room, each as often as it has room, the least busy first. */
  *#free(queue: string): Generator<Server> {
    for (;;) {
      const free = (this.#servers.get(queue) ?? []).filter(({ stopped, host, running, capacity }) => !stopped && !host.cut && running.size < capacity);
      const server = free.sort((one, other) => one.running.size - other.running.size)[0];
      if (server === undefined) return;
      yield server;
    }
  }

  #next(queue: string): Entry | undefined {
    const levels = this.#waiting.get(queue);
    if (levels === undefined || levels.size === 0) return undefined;
    const [entry] = levels.get(Math.max(...levels.keys()))!;
    this.#leaveQueue(entry!);
    return entry;
  }

  #run({ host, run, running }: Server, entry: Entry): void {
    const { call, queue } = entry;
    const { id } = host.peer;
    entry.host = id;
    const done = run({ key: call.key, queue, body: call.body }).catch((error: Error) => {
      if (!host.cut) this.#lose(call.key, { reason: "refused", host: id, message: error.message });
    });
    running.add(done);
    void done.then(() => {
      running.delete(done);
      if (!host.cut) this.#remove(call.key);
      this.#deliver(queue);
    });
  }
}

/** The line of one peer. */
class Member implements Line {
  readonly peer: Peer;
  about: Uint8Array;
  /** Whether it is cut off, or has left. */
  cut = false;
  readonly #hub: MemoryTransport;
  readonly #listener: PeerListener;

  constructor(hub: MemoryTransport, peer: Peer, listener: PeerListener) {
    this.#hub = hub;
    this.peer = peer;
    this.about = peer.about;
    this.#listener = listener;
  }

  /** Tells the peer something in a later turn, in order. */
  receive(tell: (listener: PeerListener) => void): void {
    realTime.setImmediate(() => {
      if (!this.cut) tell(this.#listener);
    });
  }

  async send(to: string, message: Uint8Array): Promise<void> {
    this.#hub.post(this, to, Uint8Array.from(message));
  }

  async isPresent(peer: string): Promise<boolean> {
    return this.#hub.has(peer);
  }

  async hosts(queue: string): Promise<HostEntry[]> {
    return this.#hub.hosts(queue);
  }

  async push(queue: string, call: PushedCall): Promise<void> {
    if (!this.cut) this.#hub.push(this, queue, call);
  }

  async takeBack(_queue: string, key: string): Promise<boolean> {
    return this.#hub.takeBack(key);
  }

  settled(key: string): void {
    this.#hub.forgetCall(key);
  }

  async serve(queue: string, capacity: number, run: (delivery: Delivery) => Promise<void>): Promise<Serving> {
    return this.#hub.serve(this, queue, capacity, run);
  }

  async tell(about: Uint8Array): Promise<void> {
    this.about = about;
  }

  async leave(): Promise<void> {
    this.#hub.leave(this);
  }
}

export type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving, Transport } from "../transport/transport.js";
