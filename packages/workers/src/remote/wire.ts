// One line to the other side, shared by many WireEndpoints. comlink can wrap or expose each of them, as it does
// with a MessagePort. A child process cannot transfer MessagePorts, so threads and processes both use this.
//
//   comlink ─▶ WireEndpoint ┐                                  ┌ WireEndpoint ─▶ comlink
//   comlink ─▶ WireEndpoint ┴ Wire ── line: port or socket ── Wire ┴ WireEndpoint ─▶ comlink
//
// comlink waits for ever if no answer arrives, and loses the caller if a message cannot be cloned. So an
// endpoint keeps the ids of its requests, and answers them itself if the other side cannot. comlink also serves requests that
// this package never makes, such as one that sets a property on any path. So an endpoint refuses them.
import { queueMicrotask } from "../executor/real-time.js";

/** A message of the line. */
export type WireMessage =
  | { readonly endpoint: number; readonly data: CommMessage }
  | { readonly endpoint: number; readonly closed: true }
  | { readonly aborted: number; readonly reason: unknown };

/** The part of comlink's messages that is used here: each request has its own type, answers have type RAW. */
export interface CommMessage {
  readonly id: string;
  readonly type: string;
  readonly value?: unknown;
  readonly path?: readonly string[];
  readonly argumentList?: readonly { readonly type: string }[];
}

/** The only member that a host exposes to comlink. */
const MEMBER = "answer";

/** The type of answers, and of arguments that are sent as they are. */
const RAW = "RAW";

/** How messages leave this side. Throws if a message cannot be cloned. */
export interface Line {
  post(message: WireMessage, transfer?: readonly unknown[]): void;
}

/** Answers that an endpoint gives in place of the other side. */
export type NoAnswer = { readonly kind: "lost" } | { readonly kind: "refused"; readonly error: unknown };

/** Decisions that the owner of a wire makes for its endpoints. */
export interface WireOwner {
  /** The other side reports that a signal fired. */
  aborted(id: number, reason: unknown): void;
  /** An answer could not be cloned. @returns the answer to send instead */
  unanswerable(answer: unknown, error: unknown): unknown;
}

type Listener = (event: { data: unknown }) => void;

/** One side of the line. */
export class Wire {
  readonly #line: Line;
  readonly #owner: WireOwner;
  readonly #endpoints = new Map<number, WireEndpoint>();
  #nextId: number;
  #lost = false;

  /** @param side which ids this side gives to endpoints; the two sides use different ones */
  constructor(line: Line, side: "main" | "worker", owner: WireOwner) {
    this.#line = line;
    this.#owner = owner;
    this.#nextId = side === "main" ? 2 : 1;
  }

  /** An endpoint on which to expose an object. The other side attaches to its id. */
  answering(id = this.#takeId()): WireEndpoint {
    return this.#add(new WireEndpoint(this, id, false));
  }

  /** The other end of an endpoint that the other side opened. */
  asking(id: number): WireEndpoint {
    return this.#add(new WireEndpoint(this, id, true));
  }

  /** A message has arrived. @throws Error this side never sends such a message: other code has written it */
  receive(message: WireMessage): void {
    if ("aborted" in message) return this.#owner.aborted(message.aborted, message.reason);
    const endpoint = this.#endpoints.get(message.endpoint);
    if ("closed" in message) {
      this.#endpoints.delete(message.endpoint);
      endpoint?.lose();
    } else if (endpoint !== undefined) endpoint.deliver(message.data);
    // A request to an endpoint that is gone gets an error instead of no answer.
    else if (message.data.type !== RAW) this.post({ endpoint: message.endpoint, closed: true });
  }

  /** The other side has ended: no request will be answered. */
  lose(): void {
    this.#lost = true;
    for (const endpoint of this.#endpoints.values()) endpoint.lose();
    this.#endpoints.clear();
  }

  get lost(): boolean {
    return this.#lost;
  }

  post(message: WireMessage, transfer?: readonly unknown[]): void {
    if (!this.#lost) this.#line.post(message, transfer);
  }

  /** For endpoints: the answer to send in place of one that could not be cloned. */
  unanswerable(answer: unknown, error: unknown): unknown {
    return this.#owner.unanswerable(answer, error);
  }

  /** For endpoints: nothing listens on the endpoint any more. */
  close(id: number): void {
    if (this.#endpoints.delete(id)) this.post({ endpoint: id, closed: true });
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  #add(endpoint: WireEndpoint): WireEndpoint {
    this.#endpoints.set(endpoint.id, endpoint);
    return endpoint;
  }
}

/** One end of the messages about one object, with the methods that comlink calls. */
export class WireEndpoint {
  readonly id: number;
  readonly #wire: Wire;
  readonly #asks: boolean;
  readonly #listeners = new Set<Listener>();
  /** Requests without an answer. */
  readonly #unanswered = new Set<string>();
  #closed = false;

  constructor(wire: Wire, id: number, asks: boolean) {
    this.#wire = wire;
    this.id = id;
    this.#asks = asks;
  }

  postMessage(data: CommMessage, transfer?: readonly unknown[]): void {
    if (!this.#asks) return this.#answer(data, transfer);
    if (this.#closed || this.#wire.lost) return this.#answerMyself(data.id, { kind: "lost" });
    try {
      this.#wire.post({ endpoint: this.id, data }, transfer);
      this.#unanswered.add(data.id);
    } catch (error) {
      this.#answerMyself(data.id, { kind: "refused", error });
    }
  }

  addEventListener(_type: string, listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** comlink calls this when the exposed object has been released. */
  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#wire.close(this.id);
  }

  /** For the wire. */
  deliver(data: CommMessage): void {
    if (this.#asks ? data.type !== RAW : !isRequest(data)) throw new Error("An actor's line delivered a message of other code. Send messages of your own through a port or a socket of your own.");
    if (this.#asks) this.#unanswered.delete(data.id);
    for (const listener of this.#listeners) listener({ data });
  }

  /** For the wire: the other side has ended. */
  lose(): void {
    this.#closed = true;
    for (const id of this.#unanswered) this.#answerMyself(id, { kind: "lost" });
  }

  #answer(data: CommMessage, transfer?: readonly unknown[]): void {
    try {
      this.#wire.post({ endpoint: this.id, data }, transfer);
    } catch (error) {
      this.#wire.post({ endpoint: this.id, data: { ...data, value: this.#wire.unanswerable(data.value, error) } });
    }
  }

  /** Answers in a later microtask, as a real answer would arrive: comlink has not finished its request yet. */
  #answerMyself(id: string, value: NoAnswer): void {
    queueMicrotask(() => this.deliver({ id, type: RAW, value }));
  }
}

/** Whether a request is one that a peer makes: to answer a call, or to release the object. */
function isRequest({ type, path, argumentList }: CommMessage): boolean {
  if (type === "RELEASE") return true;
  return type === "APPLY" && path?.length === 1 && path[0] === MEMBER && argumentList?.length === 1 && argumentList[0]!.type === RAW;
}
