// CallStream: the consumer's end of a generator that runs on a worker. Credits limit the items that are on their
// way (back-pressure): the worker sends no more items than it has credits for. It stops when the consumer leaves.
//
//   consumer ── next() ──▶ CallStream ── credit ──▶ entry/run-stream.ts
//            ◀── item ───            ◀── items ───
//
// The stream ends with the generator's return value, with the error that it threw, or with the crash of its worker.
// Items that arrived before are delivered first.
import { type CallFuture, settled, stepOf } from "../executor/call-future.js";

/** The number of items that may be on their way or wait for the consumer. It is large enough to hide the latency of messages behind short items. A guess. */
export const STREAM_CREDITS = 64;

/** The call that feeds a stream. */
export interface StreamSource {
  /** The future of the call. */
  readonly future: CallFuture<unknown>;
  /** Lets the worker send so many items more. */
  grant(credits: number): void;
}

/** How a stream ended. */
type End = { done: true; value: unknown } | { error: unknown };

/** A pending `next()`. */
interface Waiter<T> {
  resolve(result: IteratorResult<T, unknown>): void;
  reject(error: unknown): void;
}

/** The items of a generator that runs on a worker, in order. The generator starts with the first `next()`. `return()` cancels it. */
export class CallStream<T> implements AsyncIterator<T, unknown, void>, AsyncIterable<T> {
  readonly #window: number;
  readonly #start: (stream: CallStream<T>) => StreamSource;
  readonly #items: T[] = [];
  readonly #waiting: Waiter<T>[] = [];
  #source: StreamSource | undefined;
  #taken = 0;
  #begun = false;
  /** Whether the consumer has left. A pending `next()` then resolves as done, and does not reject with the cancellation. */
  #left = false;
  #end: End | undefined;

  /** @param start makes the call; called at the first `next`, when a generator would start too. @param window the credits that it begins with */
  constructor(start: (stream: CallStream<T>) => StreamSource, window = STREAM_CREDITS) {
    this.#start = start;
    this.#window = window;
  }

  /** The stream itself: it can be read once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whether items have arrived. */
  get begun(): boolean {
    return this.#begun;
  }

  /** For the dispatcher: items have arrived. */
  push(items: T[]): void {
    this.#begun = true;
    for (const item of items) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#items.push(item);
      else {
        waiter.resolve({ done: false, value: item });
        this.#took();
      }
    }
  }

  /** The next item. It rejects with what the generator threw. After the end, or after `return()`, it resolves as done. */
  next(): Promise<IteratorResult<T, unknown>> {
    this.#begin();
    if (this.#items.length > 0) {
      const value = this.#items.shift()!;
      this.#took();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end !== undefined) return this.#ended();
    const step = new Promise<IteratorResult<T, unknown>>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    return stepOf("the stream", step, () => this.return());
  }

  /** The consumer leaves. The generator's `finally` blocks run, and the promise resolves when the worker has finished the call. */
  async return(value?: unknown): Promise<IteratorResult<T, unknown>> {
    this.#items.length = 0;
    this.#left = true;
    if (this.#source === undefined) this.#end ??= { done: true, value };
    else if (this.#end === undefined) {
      this.#source.future.cancel("the consumer left the stream");
      await settled(this.#source.future).catch(() => {});
    }
    this.#end = { done: true, value: undefined };
    return { done: true, value };
  }

  #begin(): void {
    if (this.#source !== undefined || this.#end !== undefined) return;
    this.#source = this.#start(this);
    settled(this.#source.future).then(
      (value) => this.#finish({ done: true, value }),
      (error: unknown) => this.#finish({ error }),
    );
  }

  #took(): void {
    this.#taken += 1;
    if (this.#taken < this.#window / 2 || this.#end !== undefined) return;
    this.#source?.grant(this.#taken);
    this.#taken = 0;
  }

  #finish(end: End): void {
    this.#end ??= this.#left ? { done: true, value: undefined } : end;
    for (const { resolve, reject } of this.#waiting.splice(0)) this.#ended().then(resolve, reject);
  }

  /** The end of the stream. An iterator reports its return value or error once; later calls of `next()` are only done. */
  async #ended(): Promise<IteratorResult<T, unknown>> {
    const end = this.#end!;
    this.#end = { done: true, value: undefined };
    if ("error" in end) throw end.error;
    return end;
  }
}
