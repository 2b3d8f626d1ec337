// Feeds the live page by server-sent events. The watched thread is asked for a sample only while a page is open, and
// asked again only when it has answered.
import type { ServerResponse } from "node:http";
import type { LiveStall, LiveUpdate } from "../protocol/live.js";
import type { Sample } from "../protocol/sample.js";
import type { Place, Stall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import type { RawFrame } from "../protocol/messages.js";
import { at, printable, short } from "./console.js";
import { type Samples, Sampling } from "./sampling.js";

/** Milliseconds between two updates. */
const UPDATE_MS = 500;

/** The number of pages at once. The other connections of the endpoint are for health checks and scrapers. */
const MOST_PAGES = 8;

/** The bytes that may wait for a slow page. One that is slower is closed, and its browser connects again. */
const MOST_WAITING_BYTES = 1 << 20;

/** The number of rows of the table of the worst places. */
const MOST_PLACES = 20;

/** The number of stalls in the first update. */
const MOST_STALLS = 200;

/** What the page is fed from. */
export interface LiveSource extends Samples {
  readonly program: string;
  readonly cwd: string;
  readonly thresholdMs: number;
  readonly watch: { running(): Stall | undefined; samples?(): readonly (readonly RawFrame[])[] };
  readonly book: PlaceBook;
  readonly history: History;
}

interface Page {
  readonly response: ServerResponse;
  /** The start of the last stretch of delays that it has. */
  delaysUntil: number;
  /** The number of ended stalls that it has. */
  stalls: number;
}

export class LiveFeed {
  readonly source: LiveSource;
  readonly sampling: Sampling;
  readonly #pages = new Set<Page>();
  #timer: NodeJS.Timeout | undefined;
  #sample: Sample | undefined;
  #release: (() => void) | undefined;

  constructor(source: LiveSource) {
    this.source = source;
    this.sampling = new Sampling(source);
    this.sampling.listen((sample) => this.#pages.size > 0 && (this.#sample = sample));
  }

  get isFull(): boolean {
    return this.#pages.size >= MOST_PAGES;
  }

  /** Sends updates until the connection ends. The head of the response has been written. */
  open(response: ServerResponse): void {
    const page: Page = { response, delaysUntil: 0, stalls: Math.max(0, this.source.history.stallCount - MOST_STALLS) };
    this.#pages.add(page);
    response.on("close", () => this.#closed(page));
    this.#timer ??= setInterval(() => this.#update(), UPDATE_MS);
    this.#release ??= this.sampling.look();
    this.sampling.ask();
    this.#send(page);
  }

  /** A stall that ended, or lasts. */
  stall(id: number): Stall | undefined {
    const running = this.source.watch.running();
    return running?.id === id ? running : this.source.history.stalls.find((stall) => stall.id === id);
  }

  #update(): void {
    for (const page of this.#pages) this.#send(page);
    this.#sample = undefined;
    this.sampling.ask();
  }

  #send(page: Page): void {
    const { response } = page;
    if (response.writableLength > MOST_WAITING_BYTES) return void response.destroy();
    response.write(`data: ${JSON.stringify(this.#updateFor(page))}\n\n`);
  }

  #updateFor(page: Page): LiveUpdate {
    const { program, cwd, thresholdMs, watch, book, history } = this.source;
    const running = watch.running();
    const delays = history.recent.filter(({ at: since }) => since >= page.delaysUntil).map(({ at: since, delayMs }) => [Math.round(since), Math.round(delayMs * 10) / 10] as const);
    page.delaysUntil = history.recent.at(-1)?.at ?? 0;
    const isNew = history.stallCount - page.stalls;
    page.stalls = history.stallCount;
    return {
      now: Date.now(),
      program: printable(short(program, cwd)),
      pid: process.pid,
      thresholdMs,
      startedAt: history.startedAt,
      delays,
      running: running && this.#brief(running),
      ended: isNew === 0 ? [] : history.stalls.slice(-isNew).map((stall) => this.#brief(stall)),
      stallCount: history.stallCount,
      stalledMs: history.stalledMs,
      longestMs: history.longestMs,
      worst: book.worst().slice(0, MOST_PLACES).map(({ place, ...figures }) => ({ ...figures, where: whereOf(figures.kind, place, cwd) })),
      sample: this.#sample,
      hasSamples: this.sampling.isPossible,
    };
  }

  #brief({ id, startedAt, durationMs, kind, place, call }: Stall): LiveStall {
    return { id, startedAt, durationMs, kind, where: call === undefined ? whereOf(kind, place, this.source.cwd) : printable(call) };
  }

  #closed(page: Page): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = this.#sample = undefined;
    this.#release?.();
    this.#release = undefined;
  }
}

function whereOf(kind: Stall["kind"], place: Place | undefined, cwd: string): string {
  if (place !== undefined) return at(place, cwd);
  return kind === "starved" ? "the process waited for a CPU" : "unknown place";
}
