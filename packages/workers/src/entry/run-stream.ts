// Runs a generator in a worker, and sends an item for each credit. run-calls.ts calls it for a call that was made by
// stream(). dispatch/call-stream.ts is the other end.
import { checkedStep, isThenable, iteratorOf } from "../executor/callee.js";
import { now as realNow } from "../executor/real-time.js";
import { NativePromise } from "../executor/intrinsics.js";
import type { FromWorker } from "../protocol/messages.js";

/** Milliseconds for which items are collected before they are sent, counted from the first item. */
const GATHER_MS = 0.25;

/** The worker's end of one stream: its credits, and the iteration that waits for them. */
export class StreamCredits {
  #left: number;
  #granted: (() => void) | undefined;

  constructor(credits: number) {
    this.#left = credits;
  }

  grant(credits: number): void {
    this.#left += credits;
    this.#granted?.();
  }

  /** Spends a credit. @returns `undefined`: there was one; otherwise a promise of the next credit */
  spend(): Promise<void> | undefined {
    if (this.#left > 0) {
      this.#left -= 1;
      return undefined;
    }
    return new NativePromise<void>((resolve) => (this.#granted = resolve)).then(() => this.spend());
  }
}

/** The call of a stream. */
export interface StreamCall {
  readonly slot: number;
  readonly id: number;
  readonly credits: StreamCredits;
  /** Fires when the consumer has left. The iterator is closed then. */
  readonly stopped: AbortSignal;
  /** @throws CloneError */
  send(message: FromWorker & { type: "items" }): void;
}

/**
 * Iterates over what the function returned and sends each item.
 * @returns the generator's return value
 */
export async function runStream(returned: unknown, { slot, id, credits, stopped, send }: StreamCall): Promise<unknown> {
  const iterator = iteratorOf(await returned);
  const left = new NativePromise<void>((resolve) => (stopped.aborted ? resolve() : stopped.addEventListener("abort", () => resolve(), { once: true })));
  let items: unknown[] = [];
  let gatheringSince = 0;
  let turnStarted = realNow();
  const flush = (): void => {
    if (items.length === 0) return;
    const sending = items;
    items = [];
    send({ type: "items", slot, id, items: sending });
  };
  try {
    for (;;) {
      if (stopped.aborted) return await close(iterator, stopped);
      const credit = credits.spend();
      if (credit !== undefined) {
        flush();
        await NativePromise.race([credit, left]);
        if (stopped.aborted) return await close(iterator, stopped);
      }
      let step = iterator.next();
      if (isThenable(step)) {
        flush();
        step = await step;
      }
      const { done, value } = checkedStep(step as IteratorResult<unknown, unknown>);
      if (done === true) return value;
      if (items.push(value) === 1) gatheringSince = realNow();
      const now = realNow();
      if (now - gatheringSince > GATHER_MS) flush();
      if (now - turnStarted > GATHER_MS * 20) {
        // During a synchronous generator, only a turn of the event loop can deliver that the consumer has left.
        await new NativePromise(setImmediate);
        turnStarted = realNow();
      }
    }
  } finally {
    flush();
  }
}

async function close(iterator: ReturnType<typeof iteratorOf>, stopped: AbortSignal): Promise<never> {
  await iterator.return?.();
  throw stopped.reason;
}
