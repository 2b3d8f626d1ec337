// The transport on NATS with JetStream. names.ts says what it keeps in NATS.
//
//   caller ── stream of the calls: pushed-calls.ts ──▶ pulled, and claimed by its removal: claims.ts of a host
//     ▲                                                          │
//     └──────────── stream of the inboxes: inbox.ts ◀── outbox.ts ┘                   and the other way round
import { checkOption, checkOptions, integer, oneOf, type OptionTable, type OptionType } from "@offloop/workers/executor";
import type { Line, Peer, PeerListener, Transport } from "@offloop/remote";
import { Connection } from "./connection.js";
import { Names } from "./names.js";
import { NatsLine } from "./nats-line.js";
import { makeStreams, type StreamOptions } from "./streams.js";

/** Options of `openTransport`. Each may stand in the URL too, as for `offloop host`: `nats://host:4222?leaseMs=2000`. */
export interface NatsTransportOptions {
  /**
   * The first part of the names of streams and subjects: letters, digits, `_` and `-`. Callers and hosts have the same one.
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
   * The largest call or message, in bytes. NATS gets it in parts.
   * @default 67108864: 64 MiB
   */
  maxBytes?: number | undefined;
  /**
   * Milliseconds for which NATS keeps the bytes of a large call that waits. It is lost if it waits for longer.
   * @default 86400000: a day
   */
  partsMs?: number | undefined;
  /**
   * Where the streams are kept. `memory`: a restart of NATS loses them.
   * @default "file"
   */
  storage?: "file" | "memory" | undefined;
  /**
   * The servers of a cluster that have each stream: 1 to 5.
   * @default 1
   */
  replicas?: number | undefined;
}

const prefixText: OptionType = { takes: "letters, digits, _ and -", accepts: (value) => typeof value === "string" && /^[\w-]+$/.test(value) };
const optionTypes: OptionTable<NatsTransportOptions> = {
  prefix: prefixText,
  leaseMs: integer(100),
  maxBytes: integer(1),
  partsMs: integer(1_000),
  storage: oneOf("file", "memory"),
  replicas: { takes: "a whole number from 1 to 5", accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5 },
};
const urlOfNats: OptionType = { takes: "the URL of NATS: nats://host:4222", accepts: (value) => typeof value === "string" && URL.canParse(value) && /^(nats|tls):$/.test(new URL(value).protocol) && new URL(value).hostname !== "" };

/** The options that are text. */
const texts = ["prefix", "storage"];

/** @param search of the URL @throws InvalidOptionError */
function optionsInUrl(search: string): Partial<NatsTransportOptions> {
  const given = Object.fromEntries([...new URLSearchParams(search)].map(([name, value]) => [name, texts.includes(name) || value === "" ? value : Number(value)]));
  return checkOptions("openTransport()", given as NatsTransportOptions, optionTypes);
}

/** A connection to NATS, and the lines of the peers of this program on it. */
export class NatsTransport implements Transport {
  readonly name = "nats";
  readonly maxBytes: number;
  readonly #host: string;
  readonly #names: Names;
  readonly #options: StreamOptions;
  readonly #connection: Connection;
  readonly #lines = new Set<NatsLine>();
  #warned = false;

  constructor(url: string, options: NatsTransportOptions | undefined) {
    checkOption("openTransport()", "url", url, urlOfNats);
    const { search, host } = new URL(url);
    const { prefix = "offloop", maxBytes = 2 ** 26, leaseMs = 5_000, partsMs = 86_400_000, storage = "file", replicas = 1 } = { ...optionsInUrl(search), ...checkOptions("openTransport()", options, optionTypes) };
    this.maxBytes = maxBytes;
    this.#host = host;
    this.#names = new Names(prefix);
    this.#options = { leaseMs, partsMs, storage, replicas };
    this.#connection = new Connection(url, {
      prepare: (manager) => makeStreams(manager, this.#names, this.#options),
      troubled: (error) => this.#troubled(error),
      recovered: () => (this.#warned = false),
    });
  }

  /** Tells each line, and the console once in an outage. */
  #troubled(error: Error): void {
    for (const line of this.#lines) line.troubled(error);
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(`NATS at ${this.#host} cannot be used (${error.message}). Calls wait until it can.`, "OffloopWarning");
  }

  async join(peer: Peer, listener: PeerListener): Promise<Line> {
    const line = new NatsLine({ connection: this.#connection, names: this.#names, leaseMs: this.#options.leaseMs, left: (each) => this.#lines.delete(each) }, peer, listener);
    this.#lines.add(line);
    return line.join();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lines].map((line) => line.leave()));
    await this.#connection.close();
  }
}
