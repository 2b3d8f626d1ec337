// Sends the items of a generator to a far caller, as many as it has given credits for.
import { CancelledError, realTime } from "@offloop/workers/executor";
import { STREAM_CREDITS } from "@offloop/workers/pool";

/** A generator whose items are sent. */
export interface SendingStream {
  /** The return value of the generator; rejects with its error. */
  readonly ended: Promise<unknown>;
  grant(credits: number): void;
  stop(reason: unknown): void;
}

/** @param send takes the items of one turn */
export function sendStream(items: AsyncIterableIterator<unknown>, name: string, send: (items: unknown[]) => void): SendingStream {
  let credits = STREAM_CREDITS;
  let wake: (() => void) | undefined;
  let stopped: { readonly error: Error } | undefined;
  let batch: unknown[] = [];
  const flush = (): void => {
    if (batch.length > 0) send(batch);
    batch = [];
  };
  const add = (item: unknown): void => {
    credits -= 1;
    batch.push(item);
    if (batch.length === 1) realTime.setImmediate(flushOrStop);
  };
  const flushOrStop = (): void => {
    try {
      flush();
    } catch (error) {
      stopped ??= { error: error as Error };
      void items.return?.();
      wake?.();
    }
  };
  /** The next step. Items that came before an error are sent before it. */
  const nextOf = async (source: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> => {
    try {
      return await source.next();
    } catch (error) {
      flush();
      throw error;
    }
  };
  const run = async (): Promise<unknown> => {
    for (;;) {
      while (credits <= 0 && stopped === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (stopped !== undefined) {
        await items.return?.();
        throw stopped.error;
      }
      const step = await nextOf(items);
      if (step.done !== true) add(step.value);
      else if (stopped === undefined) {
        flush();
        return step.value;
      }
    }
  };
  return {
    ended: run(),
    grant(more) {
      credits += more;
      wake?.();
    },
    stop(reason) {
      stopped ??= { error: new CancelledError(`${name} was cancelled`, { cause: reason }) };
      void items.return?.();
      wake?.();
    },
  };
}
