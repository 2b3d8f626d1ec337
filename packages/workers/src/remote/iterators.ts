// Iterators that cross: the exposing side keeps the iterator, and the other side requests one value at a
// time. No value is produced before it is requested. `return`, `throw`, a crash, or the loss of the remote
// iterator ends it.
import { checkedStep } from "../executor/callee.js";
import { stepOf } from "../executor/call-future.js";
import { markedTransfers, transfer } from "../executor/transfer.js";
import type { Callee } from "./callee.js";
import { Member } from "./member.js";

const members = { next: new Member("next"), return: new Member("return"), throw: new Member("throw") };

/** The exposed object: an iterator that has all three methods. */
export class ExposedIterator {
  readonly #source: Iterator<unknown> | AsyncIterator<unknown>;

  constructor(source: Iterator<unknown> | AsyncIterator<unknown>) {
    this.#source = source;
  }

  async next(...sent: [] | [unknown]): Promise<IteratorResult<unknown>> {
    return settled(await this.#source.next(...(sent as [])));
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#source.return === undefined ? { done: true, value } : settled(await this.#source.return(value));
  }

  async throw(error: unknown): Promise<IteratorResult<unknown>> {
    if (this.#source.throw !== undefined) return settled(await this.#source.throw(error));
    await this.return();
    throw error;
  }

  /** The remote iterator was collected. Later errors have no receiver. */
  abandon(): void {
    this.return().catch(() => {});
  }
}

/** Awaits a yielded promise, as `for await` does. */
async function settled(step: IteratorResult<unknown>): Promise<IteratorResult<unknown>> {
  const { done, value } = checkedStep(step);
  const result = { done: done === true, value: await value } as IteratorResult<unknown>;
  const moves = markedTransfers(result.value);
  return moves === undefined ? result : transfer(result, moves);
}

/** The remote form of the iterator. */
export class RemoteIterator implements AsyncIterableIterator<unknown> {
  readonly #exposed: Callee;
  #done = false;

  constructor(exposed: Callee) {
    this.#exposed = exposed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(...sent: unknown[]): Promise<IteratorResult<unknown>> {
    return stepOf("the iterator", this.#ask("next", sent, undefined), () => this.return());
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#ask("return", [value], value);
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    if (this.#done) throw error;
    return this.#ask("throw", [error], undefined);
  }

  async #ask(method: "next" | "return" | "throw", args: unknown[], ended: unknown): Promise<IteratorResult<unknown>> {
    if (this.#done) return { done: true, value: ended };
    try {
      const result = (await this.#exposed.request("call", members[method], args, {})) as IteratorResult<unknown>;
      if (result.done === true) this.#end();
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#exposed.release();
  }
}
