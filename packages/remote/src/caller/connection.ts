// The connection of a caller: joins the transport with the first call, sends to hosts, and reads the list of hosts now
// and then, while something is pending.
import { randomUUID } from "node:crypto";
import { realTime } from "@offloop/workers/executor";
import { Codec, purposeOfAbout } from "../messages/codec.js";
import type { HostAbout, ToCaller, ToHost } from "../messages/messages.js";
import { Post } from "../messages/post.js";
import type { ResolvedRemoteOptions } from "../options/remote-options.js";
import type { Line, Loss } from "../transport/transport.js";
import { KnownHosts } from "./known-hosts.js";

/** Milliseconds between two readings of the list of hosts. A guess: the list is for statistics, for windows, and for requests to single hosts. */
const LOOK_MS = 1_000;

/** Milliseconds after which statistics are read anew when they are asked for. A guess. */
const REFRESH_MS = 100;

/** Receives what happens on the connection. */
export interface ConnectionListener {
  received(from: string, message: ToCaller): void;
  lost(key: string, loss: Loss): void;
  /** The list of hosts was read. @param gone the ids of the hosts that are no longer in it */
  hostsRead(gone: readonly string[]): void;
  /** Whether the list is still needed. */
  looking(): boolean;
}

/** One for each executor. What hosts send after `leave()` is not read. */
export class Connection {
  readonly id = `caller-${randomUUID()}`;
  readonly hosts = new KnownHosts();
  readonly codec: Codec;
  readonly #options: ResolvedRemoteOptions;
  readonly #listener: ConnectionListener;
  readonly #post: Post<ToHost, ToCaller>;
  #line: Promise<Line> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #left = false;
  #readAt = 0;
  /** Whether the line is open. */
  joined = false;

  constructor(options: ResolvedRemoteOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.codec = new Codec(options.secret);
    this.#post = new Post(this.id, this.codec);
  }

  /** The line to the engine, which the first use opens. A failure to join is tried again with the next use. */
  line(): Promise<Line> {
    if (this.#line === undefined) {
      const joining = this.#join();
      joining.catch(() => {
        if (this.#line === joining) this.#line = undefined;
      });
      this.#line = joining;
    }
    return this.#line;
  }

  async #join(): Promise<Line> {
    const line = await this.#options.transport.join({ id: this.id, role: "caller", about: new Uint8Array() }, { received: (bytes) => this.#received(bytes), lost: (key, loss) => this.#listener.lost(key, loss) });
    await this.#read(line);
    this.joined = true;
    return line;
  }

  #received(bytes: Uint8Array): void {
    try {
      const letter = this.#post.open(bytes);
      if (letter !== undefined) for (const message of letter.messages) this.#listener.received(letter.from, message);
    } catch (error) {
      process.emitWarning(error as Error); // nobody knows whose message it was
    }
  }

  /** Tells a host something. If it cannot be told, its lease ends. @throws the value cannot be cloned */
  tell(host: string, message: ToHost): void {
    const bytes = this.#post.write(host, [message]);
    void this.line().then((line) => line.send(host, bytes)).catch(() => {});
  }

  /** Statistics were asked for: reads the list of hosts, if that was not done lately. */
  refresh(): void {
    if (!this.joined || this.#left || realTime.now() - this.#readAt < REFRESH_MS) return;
    void this.read().catch(() => {}); // the transport reconnects, and the next call tells
  }

  /** Reads the list of hosts once more. */
  async read(): Promise<void> {
    await this.#read(await this.line());
  }

  async #read(line: Line): Promise<void> {
    this.#readAt = realTime.now();
    const entries = await line.hosts(this.#options.queue);
    const gone = this.hosts.replace(entries.flatMap(({ id, about }) => this.#open(id, about)));
    for (const id of gone) this.#post.forget(id);
    this.#listener.hostsRead(gone);
  }

  #open(id: string, about: Uint8Array): [id: string, about: HostAbout][] {
    try {
      return [[id, this.codec.read(purposeOfAbout(id), about) as HostAbout]];
    } catch {
      return []; // it has another secret, and refuses these calls too
    }
  }

  /** Reads the list of hosts from time to time, until it is not needed any more. */
  look(): void {
    if (this.#left) return;
    this.#timer ??= realTime.setTimeout(() => {
      this.#timer = undefined;
      if (!this.#listener.looking()) return;
      void this.read().catch(() => {}); // the transport reconnects, and the next look tells
      this.look();
    }, LOOK_MS).unref();
  }

  async leave(): Promise<void> {
    this.#left = true;
    realTime.clearTimeout(this.#timer);
    await (await this.#line)?.leave();
    this.hosts.leave();
  }
}
