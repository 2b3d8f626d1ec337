// MapCalls: a map over a source with a bounded number of items in flight. Every executor uses it. It reads the source
// only as the consumer takes results. Items travel in chunks. The size of a chunk follows the measured time of an item,
// so that a chunk takes longer than its message, and a slow item delays few others.
//
//   source ─▶ chunk ─▶ submit ─▶ results ─▶ next()
import { type CallFuture, settled, stepOf } from "./call-future.js";
import { checkedStep } from "./callee.js";
import { invalidArgument } from "./check-options.js";
import type { ResolvedMapOptions } from "./map-options.js";

/** The result of a chunk: the results of its items up to the first failure. */
export interface ChunkResult<R> {
  /** The results, in the order of the items. */
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
  readonly #sizes: { readonly parallelism: number; readonly chunkMs: number };
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
  /** Whether the next items of an asynchronous source are being read. */
  #reading = false;
  #sourceFailed: { readonly error: unknown } | undefined;

  /** @param submit starts the call for some items; @param sizes how many calls can run at once, and the milliseconds of work that a chunk should hold: read anew for each chunk, because hosts come and go */
  constructor(submit: (items: T[]) => CallFuture<ChunkResult<R>>, items: Iterable<T> | AsyncIterable<T>, sizes: { readonly parallelism: number; readonly chunkMs: number }, options: ResolvedMapOptions) {
    if (!isSource(items)) throw invalidArgument("map()", "an iterable or an async iterable of items", items, "map(fn, [item, item])");
    this.#submit = submit;
    this.#items = items;
    this.#sizes = sizes;
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
    return stepOf("map()", step, () => this.return());
  }

  /** The consumer leaves. The calls in flight are cancelled, and the source is closed. A pending `next()` resolves as done. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#finish();
    return { done: true, value: undefined };
  }

  async #step(): Promise<IteratorResult<R, undefined>> {
    for (;;) {
      if (this.#taken < this.#current.length) return this.#take();
      if (this.#done) return { done: true, value: undefined };
      try {
        if (this.#failed === undefined) this.#fill();
      } catch (error) {
        this.#failed = { error };
      }
      const failed = this.#failed ?? this.#sourceFailed;
      if (failed !== undefined) {
        await this.#finish();
        throw failed.error;
      }
      const chunk = this.#settledChunk();
      if (chunk !== undefined) {
        this.#open(chunk);
      } else if (this.#chunks.length === 0 && this.#sourceDone) {
        await this.#finish();
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
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

  /** Reads the source and submits chunks until enough chunks or items are in flight. Does not wait for the next item of an asynchronous source. */
  #fill(): void {
    this.#source ??= this.#start();
    const mostItems = this.#options.bufferSize;
    const mostChunks = mostItems === Infinity ? Math.max(2, this.#sizes.parallelism * CHUNKS_PER_WORKER) : Infinity;
    while (!this.#sourceDone && !this.#reading && this.#chunks.length < mostChunks && this.#outstanding < mostItems) {
      const size = Math.min(this.#chunkSize(), mostItems - this.#outstanding);
      if (this.#asynchronous) void this.#readAsynchronous(size);
      else this.#send(this.#readSynchronous(size));
    }
  }

  #send(items: T[]): void {
    if (items.length === 0) return;
    this.#read += items.length;
    this.#outstanding += items.length;
    const chunk: Chunk<R> = { future: this.#submit(items), items: items.length };
    this.#chunks.push(chunk);
    settled(chunk.future).then(
      (result) => this.#settled(chunk, { result }),
      (error: unknown) => this.#settled(chunk, { error }),
    );
  }

  #settled(chunk: Chunk<R>, outcome: NonNullable<Chunk<R>["outcome"]>): void {
    chunk.outcome = outcome;
    this.#wake?.();
  }

  /** Removes the chunk whose results come next, if it has settled. */
  #settledChunk(): Chunk<R> | undefined {
    const index = this.#options.ordered ? 0 : this.#chunks.findIndex((chunk) => chunk.outcome !== undefined);
    return this.#chunks[index]?.outcome === undefined ? undefined : this.#chunks.splice(index, 1)[0];
  }

  /** The size of the next chunk. Chunks shrink towards the end, so that the workers end together. An asynchronous source gives chunks of one item, because its next item may take long. */
  #chunkSize(): number {
    const fixed = this.#options.chunkSize;
    if (fixed !== undefined) return fixed;
    if (this.#asynchronous) return 1;
    if (this.#itemMs === undefined) return PROBE_ITEMS;
    const size = Math.min(MAX_ITEMS, Math.floor(this.#sizes.chunkMs / this.#itemMs));
    const left = Math.ceil((this.#length - this.#read) / (2 * this.#sizes.parallelism));
    return Math.max(1, Math.min(size, left));
  }

  #readSynchronous(size: number): T[] {
    const items: T[] = [];
    while (items.length < size && !this.#sourceDone) this.#add(items, checkedStep(this.#source!.next() as IteratorResult<T>));
    return items;
  }

  /** Reads a chunk while the consumer takes results that are there. */
  async #readAsynchronous(size: number): Promise<void> {
    this.#reading = true;
    const items: T[] = [];
    try {
      while (items.length < size && !this.#sourceDone && !this.#done) this.#add(items, checkedStep(await this.#source!.next()));
    } catch (error) {
      this.#sourceFailed = { error };
    }
    this.#reading = false;
    if (!this.#done) this.#send(items);
    this.#wake?.();
  }

  #add(items: T[], { done, value }: IteratorResult<T>): void {
    if (done === true) this.#sourceDone = true;
    else items.push(value);
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
    if (this.#sourceDone) return;
    const closed = this.#source?.return?.();
    // A generator returns after its pending `next()`, which may never settle.
    if (this.#reading) Promise.resolve(closed).catch(() => {});
    else await closed;
  }
}

function isSource(items: unknown): boolean {
  return items !== null && items !== undefined && typeof items !== "string" && (Symbol.asyncIterator in Object(items) || Symbol.iterator in Object(items));
}
