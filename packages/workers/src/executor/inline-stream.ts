// InlineStream: the consumer's end of a generator that runs on the calling thread. The steps of the generator run in
// the context of a call. The call lasts as long as the stream, with its deadline and its signal.
import { type CallFuture, settled, stepOf } from "./call-future.js";
import { checkedStep, type iteratorOf } from "./callee.js";

/** The generator of a call, and the function that runs its steps in the call's context. */
export interface OpenStream {
  readonly iterator: ReturnType<typeof iteratorOf>;
  readonly inside: <R>(step: () => R) => R;
}

/** The call of a stream, as the stream uses it. */
export interface StreamCall {
  readonly future: CallFuture<unknown>;
  readonly opened: Promise<OpenStream>;
  /** Ends the call, with the error that the generator threw, or without one. */
  end(failed?: { readonly error: unknown }): void;
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

export class InlineStream implements AsyncIterator<unknown, unknown, void>, AsyncIterable<unknown> {
  readonly #start: () => StreamCall;
  #call: StreamCall | undefined;
  #source: OpenStream | undefined;
  #ended = false;
  /** Set when the call has failed: it was cancelled, its deadline has passed, or its function threw. */
  #failed: { readonly error: unknown } | undefined;
  /** Ends the wait of the pending `next()`, because the consumer leaves or the call fails. */
  #interrupt: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param start makes the call; called at the first `next`, when a generator would start too */
  constructor(start: () => StreamCall) {
    this.#start = start;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, unknown>> {
    // Concurrent calls of next() are served in order.
    const step = this.#turn.then(() => this.#step());
    this.#turn = step.catch(() => {});
    return stepOf("the stream", step, () => this.return());
  }

  /** The consumer leaves. The generator's `finally` blocks run, and a pending `next()` resolves as done. */
  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    const pending = this.#interrupt;
    const wasOpen = !this.#ended;
    this.#ended = true;
    pending?.();
    if (wasOpen && this.#call !== undefined) {
      try {
        const closed = this.#source?.inside(() => this.#source!.iterator.return?.());
        // A generator returns after its pending `next()`, which may never settle.
        if (pending === undefined) await closed;
        else Promise.resolve(closed).catch(() => {});
      } finally {
        this.#call.end();
      }
    }
    return { done: true, value };
  }

  async #step(): Promise<IteratorResult<unknown, unknown>> {
    if (this.#ended) return END;
    const call = (this.#call ??= this.#begin());
    try {
      const source = (this.#source ??= await this.#unlessEnded(call.opened));
      const given = source && (await this.#unlessEnded(source.inside(() => source.iterator.next())));
      if (this.#ended) return END;
      const step = checkedStep(given!);
      if (step.done !== true) return { done: false, value: await step.value };
      this.#ended = true;
      call.end();
      return { done: true, value: step.value };
    } catch (error) {
      if (this.#ended) return END;
      this.#ended = true;
      call.end({ error });
      throw error;
    }
  }

  #begin(): StreamCall {
    const call = this.#start();
    settled(call.future).catch((error: unknown) => {
      this.#failed = { error };
      this.#interrupt?.();
      // At once, because the consumer may never ask again. If it does, it gets the error.
      this.#leave();
      call.end({ error });
    });
    // The consumer may leave before the function has returned its iterator.
    call.opened.then(({ iterator, inside }) => (this.#ended ? inside(() => iterator.return?.()) : undefined)).catch(() => {});
    return call;
  }

  /** Lets the generator run its `finally` blocks, without waiting for them: it may be in the middle of a step that never ends. */
  #leave(): void {
    const source = this.#source;
    if (source === undefined) return;
    try {
      Promise.resolve(source.inside(() => source.iterator.return?.())).catch(() => {});
    } catch {
      // The call has failed already.
    }
  }

  /** Waits for `step`. @returns `undefined`: the consumer left first. @throws the error of the call, if it failed first */
  async #unlessEnded<T>(step: T | PromiseLike<T>): Promise<T | undefined> {
    try {
      return await new Promise<T | undefined>((resolve, reject) => {
        this.#interrupt = () => (this.#failed === undefined ? resolve(undefined) : reject(this.#failed.error));
        if (this.#failed !== undefined) this.#interrupt();
        Promise.resolve(step).then(resolve, reject);
      });
    } finally {
      this.#interrupt = undefined;
    }
  }
}
