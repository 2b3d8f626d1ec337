// MapCalls: a map over a source with a bounded number of items in flight. Every executor uses it. It reads the source
// only as the consumer takes results. Items travel in chunks. The size of a chunk follows the measured time of an item,
// so that a chunk takes longer than its message, and a slow item delays few others.
//
//   source ─▶ chunk ─▶ submit ─▶ results ─▶ next()
import type { CallFuture } from "./call-future.js";
import { invalidArgument } from "./check-options.js";
import type { ResolvedMapOptions } from "./map-options.js";

/** The result of a chunk: the results of its items up to the first failure. */
export interface ChunkResult<R> {
  readonly values: ArrayLike<R>;
  /** The error of the item that follows the last result. */
  readonly failed?: { readonly error: unknown } | undefined;
  /** The sum of the run times of the items, in milliseconds. */
  readonly ms: number;
}

/** The work in a chunk for a worker on this machine, in milliseconds: a hundred times the cost of a message. */
export const CHUNK_MS = 4;

/** The number of items in a chunk before the first times are known. It is small, because the items may be slow. */
const PROBE_ITEMS = 4;

/** The largest number of items in a chunk. It bounds the memory of a chunk. */
const MAX_ITEMS = 10_000;

/** The number of chunks in flight for each worker, so that it has its next chunk when it finishes one. */
const CHUNKS_PER_WORKER = 2;

interface Chunk<R> {
  readonly future: CallFuture<ChunkResult<R>>;
  readonly items: number;
  /** Set when the future has settled. */
  outcome?: { readonly result: ChunkResult<R> } | { readonly error: unknown };
}

type Source<T> = { next(): IteratorResult<T> | Promise<IteratorResult<T>>; return?(): unknown };

export class MapCalls<T, R> implements AsyncIterableIterator<R> {
  readonly #submit: (items: T[]) => CallFuture<ChunkResult<R>>;
  readonly #items: Iterable<T> | AsyncIterable<T>;
  readonly #parallelism: number;
  readonly #chunkMs: number;
  readonly #options: ResolvedMapOptions;
  #source: Source<T> | undefined;
  #length = Infinity;
  #read = 0;
  #asynchronous = false;
  #sourceDone = false;
  #done = false;
  /** Mean milliseconds of an item. */
  #itemMs: number | undefined;
  #chunks: Chunk<R>[] = [];
  /** Items that were read and whose results have not been taken. */
  #outstanding = 0;
  #current: ArrayLike<R> = [];
  #taken = 0;
  /** Thrown when the current results are taken. */
  #failed: { readonly error: unknown } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #wake: (() => void) | undefined;
  /** Ends the wait for the source's next item, because the consumer leaves. */
  #stopReading: (() => void) | undefined;

  /** @param submit starts the call for some items; @param parallelism how many calls can run at once; @param chunkMs milliseconds of work that a chunk should hold */
  constructor(submit: (items: T[]) => CallFuture<ChunkResult<R>>, items: Iterable<T> | AsyncIterable<T>, { parallelism, chunkMs }: { parallelism: number; chunkMs: number }, options: ResolvedMapOptions) {
    if (!isSource(items)) throw invalidArgument("map()", "an iterable or an async iterable of items", items, "map(fn, [item, item])");
    this.#submit = submit;
    this.#items = items;
    this.#parallelism = parallelism;
    this.#chunkMs = chunkMs;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    if (this.#taken < this.#current.length && this.#queued === 0) return Promise.resolve(this.#take());
    // Concurrent calls of next() are served in order.
    this.#queued += 1;
    const step = this.#turn.then(() => this.#step()).finally(() => (this.#queued -= 1));
    this.#turn = step.catch(() => {});
    return step;
  }

  /** The consumer leaves. The calls in flight are cancelled, and the source is closed. A pending `next()` resolves as done. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#finish();
    return { done: true, value: undefined };
  }

  async #step(): Promise<IteratorResult<R, undefined>> {
    for (;;) {
      if (this.#taken < this.#current.length) return this.#take();
      if (this.#failed !== undefined) {
        const { error } = this.#failed;
        await this.#finish();
        throw error;
      }
      if (this.#done) return { done: true, value: undefined };
      try {
        await this.#fill();
      } catch (error) {
        await this.#finish();
        throw error;
      }
      const chunk = this.#chunks.length > 0 ? await this.#nextChunk() : undefined;
      if (this.#done) continue; // the consumer has left meanwhile
      if (chunk === undefined) await this.#finish();
      else this.#open(chunk);
    }
  }

  #take(): IteratorYieldResult<R> {
    this.#outstanding -= 1;
    return { done: false, value: this.#current[this.#taken++]! };
  }

  #open(chunk: Chunk<R>): void {
    const outcome = chunk.outcome!;
    this.#taken = 0;
    if ("error" in outcome) {
      this.#current = [];
      this.#failed = outcome;
      return;
    }
    const { values, failed, ms } = outcome.result;
    this.#current = values;
    this.#failed = failed;
    const itemMs = ms / Math.max(1, chunk.items);
    this.#itemMs = this.#itemMs === undefined ? itemMs : this.#itemMs * 0.5 + itemMs * 0.5;
  }

  /** Reads the source and submits chunks until enough chunks or items are in flight. */
  async #fill(): Promise<void> {
    this.#source ??= this.#start();
    const mostItems = this.#options.bufferSize;
    const mostChunks = mostItems === Infinity ? Math.max(2, this.#parallelism * CHUNKS_PER_WORKER) : Infinity;
    while (!this.#sourceDone && this.#chunks.length < mostChunks && this.#outstanding < mostItems) {
      const items = await this.#readChunk(Math.min(this.#chunkSize(), mostItems - this.#outstanding));
      if (this.#done || items.length === 0) return;
      this.#outstanding += items.length;
      const chunk: Chunk<R> = { future: this.#submit(items), items: items.length };
      this.#chunks.push(chunk);
      chunk.future.then(
        (result) => this.#settled(chunk, { result }),
        (error: unknown) => this.#settled(chunk, { error }),
      );
    }
  }

  #settled(chunk: Chunk<R>, outcome: NonNullable<Chunk<R>["outcome"]>): void {
    chunk.outcome = outcome;
    this.#wake?.();
  }

  /** @returns `undefined`: the consumer has left */
  async #nextChunk(): Promise<Chunk<R> | undefined> {
    const ordered = this.#options.ordered;
    for (;;) {
      if (this.#done) return undefined;
      const index = ordered ? (this.#chunks[0]!.outcome === undefined ? -1 : 0) : this.#chunks.findIndex((chunk) => chunk.outcome !== undefined);
      if (index >= 0) return this.#chunks.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** The size of the next chunk. Chunks shrink towards the end, so that the workers end together. An asynchronous source gives chunks of one item, because its next item may take long. */
  #chunkSize(): number {
    const fixed = this.#options.chunkSize;
    if (fixed !== undefined) return fixed;
    if (this.#asynchronous) return 1;
    if (this.#itemMs === undefined) return PROBE_ITEMS;
    const size = Math.min(MAX_ITEMS, Math.floor(this.#chunkMs / this.#itemMs));
    const left = Math.ceil((this.#length - this.#read) / (2 * this.#parallelism));
    return Math.max(1, Math.min(size, left));
  }

  async #readChunk(size: number): Promise<T[]> {
    const items: T[] = [];
    while (items.length < size) {
      const step = this.#source!.next();
      const result = this.#asynchronous ? await this.#unlessLeft(step as Promise<IteratorResult<T>>) : (step as IteratorResult<T>);
      if (result === undefined) break;
      const { done, value } = result;
      if (done === true) {
        this.#sourceDone = true;
        break;
      }
      items.push(value);
    }
    this.#read += items.length;
    return items;
  }

  /** Waits for the source. @returns `undefined`: the consumer left first */
  async #unlessLeft(step: Promise<IteratorResult<T>>): Promise<IteratorResult<T> | undefined> {
    try {
      return await new Promise((resolve, reject) => {
        this.#stopReading = () => resolve(undefined);
        Promise.resolve(step).then(resolve, reject);
      });
    } finally {
      this.#stopReading = undefined;
    }
  }

  #start(): Source<T> {
    const items = this.#items;
    if (Array.isArray(items)) this.#length = items.length;
    this.#asynchronous = Symbol.asyncIterator in Object(items);
    return (this.#asynchronous ? (items as AsyncIterable<T>)[Symbol.asyncIterator]() : (items as Iterable<T>)[Symbol.iterator]()) as Source<T>;
  }

  async #finish(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    this.#current = [];
    this.#failed = undefined;
    for (const { future } of this.#chunks.splice(0)) future.cancel("the map was left");
    this.#wake?.();
    const reading = this.#stopReading;
    reading?.();
    if (this.#sourceDone) return;
    const closed = this.#source?.return?.();
    // A generator returns after its pending `next()`, which may never settle.
    if (reading === undefined) await closed;
    else Promise.resolve(closed).catch(() => {});
  }
}

function isSource(items: unknown): boolean {
  return items !== null && items !== undefined && typeof items !== "string" && (Symbol.asyncIterator in Object(items) || Symbol.iterator in Object(items));
}
