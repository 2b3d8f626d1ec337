// The inbox of one peer: writes letters to others, and opens those that arrive.
import { type Codec, purposeOfInbox } from "./codec.js";
import type { Letter } from "./messages.js";

/** The letters of one peer. Those of each sender are numbered, so one that arrives twice is opened once. */
export class Post<Out extends object, In> {
  readonly #self: string;
  readonly #codec: Codec;
  readonly #sent = new Map<string, number>();
  readonly #received = new Map<string, number>();

  constructor(self: string, codec: Codec) {
    this.#self = self;
    this.#codec = codec;
  }

  /** A letter, to be sent in the order of these calls. @throws a message cannot be cloned */
  write(to: string, messages: readonly Out[]): Buffer {
    const number = (this.#sent.get(to) ?? 0) + 1;
    const bytes = this.#codec.write(purposeOfInbox(to), { from: this.#self, number, messages } satisfies Letter<Out>);
    this.#sent.set(to, number);
    return bytes;
  }

  /** @returns the letter; `undefined`: it has arrived before @throws RemoteMessageError */
  open(bytes: Uint8Array): Letter<In> | undefined {
    const letter = this.#codec.read(purposeOfInbox(this.#self), bytes) as Letter<In>;
    if (letter.number <= (this.#received.get(letter.from) ?? 0)) return undefined;
    this.#received.set(letter.from, letter.number);
    return letter;
  }

  /** The other peer has gone: forgets its numbers. */
  forget(peer: string): void {
    this.#sent.delete(peer);
    this.#received.delete(peer);
  }
}
