// One side of the line between an actor and its owner, and all requests and answers on it.
//
//   Peer ─ ask ─▶ Wire ═ line: port or socket ═ Wire ─▶ Host
//        ◀ answered ─                                ◀ outcome
//
// Messages arrive in the order in which they were sent. Short calls and short answers are collected in rows. The first of a
// turn leaves at once, and the others at the end of the turn, or before any other message. A worker sends each call at once: it
// may be in the midst of a long method, which tells its progress. Each request is answered once: by the other side, or here if
// the other side has ended, or has released the object.
import { turnEnded } from "../executor/caller-stack.js";
import { nextTick, now } from "../executor/real-time.js";
import { inRoot } from "../executor/root-context.js";
import { isPath, isShort, readRows, type RowReader, Rows } from "./rows.js";
import type { CallRequest, NoAnswer, Outcome } from "./values.js";

/** A message of the line. An endpoint is an object that its side has exposed. */
export type WireMessage =
  | { readonly rows: readonly unknown[] }
  | { readonly ask: number; readonly endpoint: number; readonly request: CallRequest }
  | { readonly answer: number; readonly outcome: Outcome }
  /** The sender has no such endpoint. */
  | { readonly closed: number }
  /** The sender makes no more requests to the endpoint. */
  | { readonly released: number }
  | { readonly aborted: number; readonly reason: unknown };

/** How messages leave this side. Throws if a message cannot be cloned. */
export interface Line {
  post(message: WireMessage, transfer?: readonly unknown[]): void;
}

/** A request of this side without an answer. */
export interface Asked {
  /** The endpoint that was asked. */
  readonly endpoint: number;
  /** Called once. Never throws. */
  answered(outcome: Outcome | NoAnswer): void;
}

/** The member that a short call is of. */
export interface CalledMember {
  readonly how: "call";
  readonly path: readonly string[];
  /** The name of the call in errors. */
  readonly name: string;
}

/** An object of this side. Its methods never throw, and never reject. */
export interface Answerer {
  answer(request: CallRequest): Outcome | Promise<Outcome>;
  call(member: CalledMember, args: unknown[]): Outcome | Promise<Outcome>;
  /** The other side has no use for the object any more. */
  released(): void;
}

/** Decisions that the owner of a wire makes. */
export interface WireOwner {
  /** The other side reports that a signal fired. */
  aborted(id: number, reason: unknown): void;
  /** The objects that move with an outcome. */
  movedWith(outcome: Outcome): readonly object[];
  /** An outcome could not be cloned. @returns the outcome to send instead */
  unanswerable(outcome: Outcome, error: unknown): Outcome;
}

interface Exposed {
  readonly answerer: Answerer;
  /** The members that are called by number, with the duration of their last call. */
  readonly members: { readonly called: CalledMember; lastMs: number }[];
}

/** Milliseconds for which an answer waits for others, and above which a call keeps no answer waiting. */
const FLUSH_AFTER_MS = 0.125;

/** One side of the line. */
export class Wire {
  readonly #line: Line;
  readonly #side: "main" | "worker";
  readonly #owner: WireOwner;
  readonly #exposed = new Map<number, Exposed>();
  readonly #asked = new Map<number, Asked>();
  readonly #rows = new Rows();
  readonly #reader: RowReader;
  #nextEndpoint: number;
  #lastRequest = 0;
  #answering = 0;
  /** The clock, as it was last read. */
  #now = 0;
  #flushedAt = 0;
  /** A short message of this turn has left. */
  #turning = false;
  #lost = false;

  /** @param side which ids this side gives to endpoints; the two sides use different ones */
  constructor(line: Line, side: "main" | "worker", owner: WireOwner) {
    this.#line = line;
    this.#side = side;
    this.#owner = owner;
    this.#nextEndpoint = side === "main" ? 2 : 1;
    this.#reader = {
      member: (endpoint, number, name, path) => this.#memberCame(endpoint, number, { how: "call", name, path }),
      call: (endpoint, member, id, args) => this.#callCame(endpoint, member, id, args),
      answer: (id, value) => this.#answered(id, { kind: "value", value: { kind: "raw", value } }),
    };
  }

  /** Makes an object available to the other side. @returns its endpoint */
  expose(answerer: Answerer, endpoint = (this.#nextEndpoint += 2)): number {
    this.#exposed.set(endpoint, { answerer, members: [] });
    return endpoint;
  }

  /** Sends a request. @throws Error it cannot be cloned: it has not been sent */
  ask(request: CallRequest, transfer: readonly unknown[], asked: Asked): void {
    if (this.#lost) return asked.answered({ kind: "lost" });
    const id = this.#nextRequest();
    this.#asked.set(id, asked);
    try {
      this.post({ ask: id, endpoint: asked.endpoint, request }, transfer);
    } catch (refused) {
      this.#asked.delete(id);
      throw refused;
    }
  }

  /** The other side will be asked for a member by its number. */
  define(endpoint: number, number: number, name: string, path: readonly string[]): void {
    this.#rows.member(endpoint, number, name, path);
  }

  /** Sends a call with short arguments. */
  askShort(member: number, args: readonly unknown[], asked: Asked): void {
    if (this.#lost) return asked.answered({ kind: "lost" });
    const id = this.#nextRequest();
    this.#asked.set(id, asked);
    this.#rows.call(asked.endpoint, member, id, args);
    if (this.#side === "worker") this.flush();
    else this.#flushSoon();
  }

  /** A message has arrived. @throws Error this side never sends such a message: other code has written it */
  receive(message: WireMessage): void {
    this.#flushedAt = this.#now = now();
    try {
      this.#take(message);
    } finally {
      this.flush();
    }
  }

  /** Whether a request of the other side has no answer yet. */
  get answering(): boolean {
    return this.#answering > 0;
  }

  /** Whether this side waits for an answer. */
  get asking(): boolean {
    return this.#asked.size > 0;
  }

  /** The other side has ended: no request will be answered. */
  lose(): void {
    this.#lost = true;
    this.#exposed.clear();
    this.#loseAll(() => true);
  }

  post(message: WireMessage, transfer?: readonly unknown[]): void {
    if (this.#lost) return;
    this.flush();
    this.#line.post(message, transfer);
  }

  /** Sends the rows that have been collected. */
  flush(): void {
    if (this.#rows.empty) return;
    const rows = this.#rows.take();
    this.#flushedAt = this.#now;
    if (!this.#lost) this.#line.post({ rows });
  }

  /** The object of an endpoint is no longer available. */
  close(endpoint: number): void {
    if (this.#exposed.delete(endpoint)) this.post({ closed: endpoint });
  }

  /** This side makes no more requests to an endpoint of the other side. */
  release(endpoint: number): void {
    this.post({ released: endpoint });
  }

  #nextRequest(): number {
    return (this.#lastRequest = (this.#lastRequest + 1) | 0);
  }

  #flushSoon(): void {
    if (!this.#turning) {
      this.#turning = true;
      inRoot(() => nextTick(this.#endTurn));
    } else if (!this.#rows.full) return;
    this.flush();
  }

  readonly #endTurn = (): void => {
    this.#turning = false;
    turnEnded();
    this.flush();
  };

  #take(message: WireMessage): void {
    if ("rows" in message) {
      if (!readRows(message.rows, this.#reader)) throw foreign();
    } else if ("answer" in message) {
      const { outcome } = message;
      if (outcome.kind !== "thrown" && (outcome.kind !== "value" || typeof outcome.value !== "object")) throw foreign();
      this.#answered(message.answer, outcome);
    } else if ("ask" in message) this.#requestCame(message);
    else if ("closed" in message) this.#loseAll(({ endpoint }) => endpoint === message.closed);
    else if ("released" in message) {
      const exposed = this.#exposed.get(message.released);
      this.#exposed.delete(message.released);
      exposed?.answerer.released();
    } else if ("aborted" in message) this.#owner.aborted(message.aborted, message.reason);
    else {
      message satisfies never;
      throw foreign();
    }
  }

  /** An answer to no request is ignored: the object of the request was released meanwhile. */
  #answered(id: number, outcome: Outcome): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.answered(outcome);
  }

  #memberCame(endpoint: number, number: number, called: CalledMember): void {
    const members = this.#exposed.get(endpoint)?.members;
    if (members === undefined) return;
    if (number !== members.length) throw foreign();
    members.push({ called, lastMs: Infinity });
  }

  #callCame(endpoint: number, number: number, id: number, args: unknown[]): void {
    const exposed = this.#exposed.get(endpoint);
    // A request to an endpoint that is gone gets an error instead of no answer.
    if (exposed === undefined) return this.post({ closed: endpoint });
    const member = exposed.members[number];
    if (member === undefined) throw foreign();
    // The answers so far do not wait for a long call.
    if (member.lastMs > FLUSH_AFTER_MS) this.flush();
    const begun = this.#now;
    this.#answer(id, exposed.answerer.call(member.called, args));
    this.#now = now();
    member.lastMs = this.#now - begun;
    if (this.#rows.full || this.#now - this.#flushedAt > FLUSH_AFTER_MS) this.flush();
  }

  #requestCame({ ask, endpoint, request }: Extract<WireMessage, { ask: number }>): void {
    if (typeof request !== "object" || !hows.has(request.how) || !isPath(request.path) || !Array.isArray(request.args) || typeof request.name !== "string") throw foreign();
    const exposed = this.#exposed.get(endpoint);
    if (exposed === undefined) return this.post({ closed: endpoint });
    this.flush();
    this.#answer(ask, exposed.answerer.answer(request));
  }

  #answer(id: number, outcome: Outcome | Promise<Outcome>): void {
    if ("kind" in outcome) return this.#send(id, outcome);
    this.#answering += 1;
    void this.#answerLater(id, outcome);
  }

  async #answerLater(id: number, outcome: Promise<Outcome>): Promise<void> {
    const known = await outcome;
    this.#answering -= 1;
    this.#send(id, known);
    this.#flushSoon();
  }

  #send(id: number, outcome: Outcome): void {
    if (outcome.ran === undefined && outcome.kind === "value" && outcome.value.kind === "raw" && isShort(outcome.value.value)) return this.#rows.answer(id, outcome.value.value);
    try {
      this.post({ answer: id, outcome }, this.#owner.movedWith(outcome));
    } catch (error) {
      this.post({ answer: id, outcome: this.#owner.unanswerable(outcome, error) });
    }
  }

  #loseAll(is: (asked: Asked) => boolean): void {
    for (const [id, asked] of [...this.#asked]) {
      if (!is(asked)) continue;
      this.#asked.delete(id);
      asked.answered({ kind: "lost" });
    }
  }
}

const hows: ReadonlySet<unknown> = new Set(["call", "construct", "get"] satisfies CallRequest["how"][]);

function foreign(): Error {
  return new Error("An actor's line delivered a message of other code. Send messages of your own through a port or a socket of your own.");
}
