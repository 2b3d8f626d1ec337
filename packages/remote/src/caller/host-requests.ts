// Requests to single hosts: broadcast() and warmUp(). They go into the inboxes of the hosts, not through the queue.
import { randomUUID } from "node:crypto";
import { WorkerStartError } from "@offloop/workers/executor";
import type { JobMessage, HostAbout, ToCaller, ToHost } from "../messages/messages.js";
import { unpackThrown } from "@offloop/workers/pool";
import type { Connection } from "./connection.js";

/** Takes the calls that a host has made for a broadcast, before anything else that the host sends. @param base the key of the request */
export type AdoptCalls = (host: string, hostName: string, base: string, keys: readonly string[]) => void;

/** A host has been asked. */
interface Asked {
  readonly host: string;
  resolve(keys: readonly string[]): void;
  reject(error: unknown): void;
}

/** The requests that wait for their hosts. A host that is lost rejects its own. */
export class HostRequests {
  readonly #connection: Connection;
  readonly #queue: string;
  readonly #asked = new Map<string, Asked>();

  constructor(connection: Connection, queue: string) {
    this.#connection = connection;
    this.#queue = queue;
  }

  get pending(): boolean {
    return this.#asked.size > 0;
  }

  /** Starts workers on all hosts, in proportion to their sizes. @throws WorkerStartError there is no host, or a worker could not start */
  async warmUp(workers: number | undefined): Promise<void> {
    const hosts = await this.#hosts("warm up");
    let left = workers ?? Infinity;
    await Promise.all(
      hosts.flatMap(([host, { capacity }], index) => {
        const share = Math.min(capacity, Math.ceil(left / (hosts.length - index)));
        left -= share;
        return share <= 0 ? [] : [this.#ask(host, (key) => ({ type: "warmUp", key, caller: this.#connection.id, workers: share }))];
      }),
    );
  }

  /** Runs a call once on each worker of each host. */
  async each(message: (key: string) => JobMessage, adopt: AdoptCalls): Promise<void> {
    const hosts = await this.#hosts(`run ${message("").name} on`);
    await Promise.all(
      hosts.map(([host, { name }]) => {
        const base = randomUUID();
        return this.#ask(host, (key) => ({ type: "each", key, call: message(key) }), base, (keys) => adopt(host, name, base, keys));
      }),
    );
  }

  async #hosts(what: string): Promise<(readonly [id: string, about: HostAbout])[]> {
    await this.#connection.read();
    const { all } = this.#connection.hosts;
    if (all.length === 0) throw new WorkerStartError(`There is no host to ${what}: none serves the queue ${this.#queue}. Start one with the same queue, version and secret, and hosts cannot be started from here.`);
    return all;
  }

  #ask(host: string, message: (key: string) => ToHost, key: string = randomUUID(), taken: (keys: readonly string[]) => void = () => {}): Promise<void> {
    return new Promise((done, reject) => {
      const resolve = (keys: readonly string[]): void => {
        taken(keys);
        done();
      };
      this.#asked.set(key, { host, resolve, reject });
      this.#connection.tell(host, message(key));
      this.#connection.look();
    });
  }

  /** @returns whether the message answers a request */
  receive(from: string, message: ToCaller): boolean {
    const asked = this.#asked.get(message.key);
    if (asked === undefined) return false;
    this.#asked.delete(message.key);
    if ("stats" in message) this.#connection.hosts.update(from, message.stats);
    if (message.type === "each") asked.resolve(message.keys);
    else if (message.type === "fulfilled") asked.resolve([]);
    else if (message.type === "rejected") asked.reject(unpackThrown(message.thrown));
    return true;
  }

  /** Hosts have gone, or the executor ends. */
  lost(isLost: (host: string) => boolean): void {
    for (const [key, { host, reject }] of this.#asked) {
      if (!isLost(host)) continue;
      this.#asked.delete(key);
      reject(new WorkerStartError(`Host ${this.#connection.hosts.nameOf(host)} was lost before it answered. Try again.`));
    }
  }
}
