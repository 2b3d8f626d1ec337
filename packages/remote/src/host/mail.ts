// Sends messages to callers. What a caller gets in one turn is one letter, because engine and caller take longer for a letter
// than for an answer in it.
//
//   send ─▶ bag of the caller ── end of the turn ──▶ letter ──▶ inbox
import { realTime } from "@offloop/workers/executor";
import { realWorld } from "@offloop/workers/pool";
import type { ToCaller } from "../messages/messages.js";

/** Milliseconds for which a message may wait for others. An answer that comes meanwhile takes it along. A guess. */
const SOON_MS = 1;

/** The bytes and the messages after which a letter leaves at once. A larger message has a letter of its own. */
const MOST_BYTES = 2 ** 16;
const MOST_MESSAGES = 256;

interface Bag {
  readonly messages: ToCaller[];
  readonly sent: Promise<void>;
  /** Sends the letter. */
  close(): void;
  bytes: number;
  leaves: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** The letters of one host to all callers. */
export class Mail {
  readonly #give: (caller: string, messages: readonly ToCaller[]) => Promise<void>;
  readonly #bags = new Map<string, Bag>();

  /** @param give sends a letter, in the order of these calls; resolves when the engine has it */
  constructor(give: (caller: string, messages: readonly ToCaller[]) => Promise<void>) {
    this.#give = give;
  }

  /** Messages to one caller arrive in the order of these calls. @param when `soon`: it may wait for others @returns resolves when the engine has it */
  send(caller: string, message: ToCaller, when: "now" | "soon" = "now"): Promise<void> {
    const bytes = "packed" in message ? message.packed.length : 0;
    let bag = this.#bags.get(caller);
    if (bag !== undefined && (bag.bytes + bytes > MOST_BYTES || bag.messages.length === MOST_MESSAGES)) {
      bag.close();
      bag = undefined;
    }
    if (bag === undefined) this.#bags.set(caller, (bag = this.#open(caller)));
    bag.messages.push(message);
    bag.bytes += bytes;
    if (bag.leaves) return bag.sent;
    const { close } = bag;
    if (when === "now") {
      bag.leaves = true;
      realWorld.soon(close);
    } else bag.timer ??= realTime.setTimeout(close, SOON_MS).unref();
    return bag.sent;
  }

  #open(caller: string): Bag {
    let resolve!: (sent: Promise<void>) => void;
    const sent = new Promise<void>((done) => (resolve = done));
    const bag: Bag = { messages: [], sent, bytes: 0, leaves: false, timer: undefined, close: () => {
      if (this.#bags.get(caller) !== bag) return; // it has left
      this.#bags.delete(caller);
      realTime.clearTimeout(bag.timer);
      try {
        resolve(this.#give(caller, bag.messages));
      } catch (error) {
        resolve(Promise.reject(error));
      }
    } };
    return bag;
  }
}
