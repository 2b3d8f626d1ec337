// Reads the inbox of a peer: a stream, from the last entry that was read. What arrives while the connection is cut is read
// after it. Entries that were read are removed now and then.
import type { Redis } from "ioredis";
import type { Keys } from "./keys.js";
import { connect, insist, isPassing, watched } from "./redis.js";

/** Milliseconds after which a blocked read returns without an entry, so that a dead connection is noticed. */
const BLOCK_MS = 10_000;

/** The number of entries of one read. */
const COUNT = 64;

/** Bytes after which read entries are removed at once. The tick of the line removes the rest. */
const TRIM_BYTES = 2 ** 18;

/** Receives entries, one at a time. */
export type Receive = (field: string, value: Buffer) => void;

type Entries = [id: Buffer, fields: Buffer[]][];

interface Fence {
  readonly id: string;
  passed(): void;
}

/** The inbox of one peer, from `open` until it is closed. */
export class Inbox {
  readonly #key: string;
  readonly #commands: Redis;
  readonly #reader: Redis;
  readonly #receive: Receive;
  readonly #ttlMs: number;
  #last = "0-0";
  #untrimmed = 0;
  #fences: Fence[] = [];
  #closed = false;

  /** @param ttlMs after which the inbox ends if its peer does not renew it */
  constructor(url: string, commands: Redis, keys: Keys, peer: string, ttlMs: number, receive: Receive) {
    this.#key = keys.inbox(peer);
    this.#commands = commands;
    this.#reader = connect(url);
    this.#reader.on("error", () => {}); // the connection for commands tells
    this.#receive = receive;
    this.#ttlMs = ttlMs;
  }

  /** Makes the inbox, and begins to read. @returns the time of Redis, in milliseconds */
  async open(): Promise<number> {
    const first = await this.#make();
    this.#last = first;
    void this.#readAll();
    return Number.parseInt(first, 10);
  }

  async #make(): Promise<string> {
    return (await insist(this.#commands, async () => {
      const id = await this.#commands.xadd(this.#key, "*", "open", "");
      await this.#commands.pexpire(this.#key, this.#ttlMs);
      return id;
    }))!;
  }

  /** Lets the inbox live on, or makes it again if Redis has lost it. */
  async renew(): Promise<void> {
    this.#trim();
    if ((await insist(this.#commands, () => watched(this.#commands, this.#commands.pexpire(this.#key, this.#ttlMs)))) === 1) return;
    const first = await this.#make();
    if (compareIds(first, this.#last) <= 0) {
      // The clock of Redis has gone back.
      this.#last = "0-0";
      this.#reader.disconnect(true);
    }
    this.#release();
  }

  /** Resolves when everything was received that is in the inbox now. */
  async drained(): Promise<void> {
    const [entry] = await insist(this.#commands, () => this.#commands.xrevrange(this.#key, "+", "-", "COUNT", 1));
    if (entry === undefined || compareIds(entry[0], this.#last) <= 0) return;
    await new Promise<void>((passed) => this.#fences.push({ id: entry[0], passed }));
  }

  async #readAll(): Promise<void> {
    while (!this.#closed) {
      try {
        const streams = (await watched(this.#reader, this.#reader.xreadBuffer("COUNT", COUNT, "BLOCK", BLOCK_MS, "STREAMS", this.#key, this.#last), BLOCK_MS)) as [Buffer, Entries][] | null;
        if (streams !== null) for (const [, entries] of streams) this.#take(entries);
      } catch (error) {
        if (this.#closed || this.#reader.status === "end") return;
        if (!isPassing(error)) process.emitWarning(error as Error);
        await insist(this.#reader, () => this.#reader.ping()).catch(() => {});
      }
    }
  }

  #take(entries: Entries): void {
    for (const [id, [field, value]] of entries) {
      this.#last = String(id);
      this.#untrimmed += value!.length;
      this.#receive(String(field), value!);
    }
    this.#release(this.#last);
    if (this.#untrimmed >= TRIM_BYTES) this.#trim();
  }

  /** @param upTo `undefined`: all, because what they wait for will not come */
  #release(upTo?: string): void {
    if (this.#fences.length === 0) return;
    const passed = this.#fences.filter(({ id }) => upTo === undefined || compareIds(id, upTo) <= 0);
    this.#fences = this.#fences.filter((each) => !passed.includes(each));
    for (const each of passed) each.passed();
  }

  #trim(): void {
    if (this.#untrimmed === 0) return;
    this.#untrimmed = 0;
    const [ms, sequence] = this.#last.split("-");
    this.#commands.xtrim(this.#key, "MINID", `${ms}-${BigInt(sequence!) + 1n}`).catch(() => {}); // the next one removes them too
  }

  close(): void {
    this.#closed = true;
    this.#reader.disconnect();
    this.#release();
  }
}

/** The order of two ids of a stream. */
function compareIds(one: string, other: string): number {
  const [[ms = 0n, sequence = 0n], [otherMs = 0n, otherSequence = 0n]] = [one, other].map((id) => id.split("-").map(BigInt)) as [bigint[], bigint[]];
  return Number(ms === otherMs ? sequence - otherSequence : ms - otherMs);
}
