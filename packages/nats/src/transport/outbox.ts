// Sends messages into inboxes, in their order. One batch is under way at a time: what comes meanwhile is the next batch.
// A batch whose connection was cut is sent again as a whole, so a message may arrive twice, but none overtakes another.
//
//   send ─▶ waiting ── publishes ──▶ stream of the inboxes, which inbox.ts reads
import { randomUUID } from "node:crypto";
import type { Loss } from "@offloop/remote";
import { type Connection, isPassing, type Session } from "./connection.js";
import type { Names } from "./names.js";

/** What the subject of a message says of it, after the peer. */
export const kinds = { message: "m", part: "p", claim: "c", loss: "l" } as const;

/** The largest batch, in messages and in bytes. Guesses: a batch occupies NATS for some milliseconds. */
const MOST = 256;
const MOST_BYTES = 2 ** 20;

interface Waiting {
  readonly subject: string;
  readonly value: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** The bytes that one message of NATS carries here: its limit, with room for the subject. */
export const partBytes = ({ nats }: Session): number => Math.min(2 ** 18, (nats.info?.max_payload ?? 2 ** 20) >> 1);

/** Cuts bytes into parts. */
export const partsOf = (bytes: Uint8Array, size: number): Uint8Array[] => Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));

/** What one peer sends to all others. */
export class Outbox {
  readonly #connection: Connection;
  readonly #names: Names;
  #waiting: Waiting[] = [];
  #sending = false;

  constructor(connection: Connection, names: Names) {
    this.#connection = connection;
    this.#names = names;
  }

  /** Resolves when NATS has it. Nobody reads it if the peer is not there. */
  async send(to: string, message: Uint8Array): Promise<void> {
    const size = partBytes(await this.#connection.session());
    if (message.length <= size) return this.#add(this.#names.inbox(to, kinds.message), message);
    const parts = partsOf(message, size);
    const id = randomUUID();
    await Promise.all(parts.map((part, index) => this.#add(this.#names.inbox(to, kinds.part, id, index, parts.length), part)));
  }

  /** Tells a caller which host has claimed a call. */
  claimed(to: string, key: string, host: string): Promise<void> {
    return this.#add(this.#names.inbox(to, kinds.claim, key, host), new Uint8Array());
  }

  /** Tells a caller that a call will not be answered. */
  lost(to: string, key: string, loss: Loss): Promise<void> {
    return this.#add(this.#names.inbox(to, kinds.loss, key), Buffer.from(JSON.stringify(loss)));
  }

  #add(subject: string, value: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ subject, value, resolve, reject });
      if (this.#sending) return;
      this.#sending = true;
      queueMicrotask(() => void this.#sendAll());
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#fitting());
      try {
        const outcomes = await this.#connection.insist((session) => this.#give(session, batch));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[index]!;
          if (outcome.status === "fulfilled") resolve();
          else reject(outcome.reason);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = false;
  }

  #fitting(): number {
    let bytes = 0;
    const last = this.#waiting.findIndex(({ value }, index) => index === MOST || (bytes += value.length) > MOST_BYTES);
    return last === -1 ? this.#waiting.length : Math.max(1, last);
  }

  /** @throws an error that passes, if one of the messages has met it */
  async #give({ stream }: Session, batch: readonly Waiting[]): Promise<PromiseSettledResult<unknown>[]> {
    const outcomes = await Promise.allSettled(batch.map(({ subject, value }) => stream.publish(subject, value)));
    const passing = outcomes.find((outcome) => outcome.status === "rejected" && isPassing(outcome.reason));
    if (passing !== undefined) throw (passing as PromiseRejectedResult).reason;
    return outcomes;
  }
}
