// The connection to NATS, which is made again when it has ended. What belongs to one connection is a session: subscriptions
// and pulls end with it, and `onSession` makes them again.
import type { Socket } from "node:net";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { realTime } from "@offloop/workers/executor";
import type { Made } from "./streams.js";

/** Milliseconds between two attempts while NATS answers, but cannot serve yet. */
const PAUSE_MS = 50;

/** The longest time between two attempts to connect. */
const MOST_BETWEEN_MS = 1_000;

/** Milliseconds without an answer after which a connection is taken for dead. A guess. */
const SILENCE_MS = 10_000;

/** Milliseconds that one request may take. */
export const REQUEST_MS = 10_000;

/** The longest delay of a timer. The pings of the client, whose timers would keep a process alive, come this late. */
const NEVER_MS = 2 ** 31 - 1;

/** One connection. */
export interface Session {
  readonly nats: NatsConnection;
  readonly stream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** When the streams were made. */
  made: Made;
  /** Whether the connection has ended. */
  over: boolean;
}

/** The timers and sockets of the client that would keep a process alive. */
interface Inside {
  readonly protocol: { readonly transport: { readonly socket: Socket }; readonly heartbeats: { readonly timer?: NodeJS.Timeout } };
}

/** What a connection does for its transport. */
export interface ConnectionEvents {
  /** Makes what each connection needs. It may throw. */
  prepare(manager: JetStreamManager): Promise<Made>;
  troubled(error: Error): void;
  /** A session has begun. */
  recovered(): void;
}

/** The connections of one transport, of which there is one at a time. */
export class Connection {
  readonly #url: string;
  readonly #events: ConnectionEvents;
  readonly #listeners = new Set<(session: Session) => void>();
  #current: Promise<Session> | undefined;
  #session: Session | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(url: string, events: ConnectionEvents) {
    this.#url = url;
    this.#events = events;
  }

  /** The session, when there is one. @throws what NATS refuses for good, or `closed` */
  session(): Promise<Session> {
    this.#current ??= this.#connect();
    return this.#current;
  }

  /** Calls `listener` with each session that begins from now on. @returns ends that */
  onSession(listener: (session: Session) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #connect(): Promise<Session> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw closed();
      let nats: NatsConnection | undefined;
      try {
        nats = await connect({ servers: serverOf(this.#url), ...credentialsOf(this.#url), reconnect: false, timeout: SILENCE_MS, pingInterval: NEVER_MS, noAsyncTraces: true });
        const { transport, heartbeats } = (nats as unknown as Inside).protocol;
        transport.socket.unref();
        heartbeats.timer?.unref();
        return await this.#begin(nats);
      } catch (error) {
        await nats?.close();
        if (this.#closed) throw closed(error);
        if (!isPassing(error)) {
          this.#current = undefined;
          throw error;
        }
        this.#events.troubled(error as Error);
        await this.#pause(Math.min(PAUSE_MS * attempt, MOST_BETWEEN_MS));
      }
    }
  }

  async #begin(nats: NatsConnection): Promise<Session> {
    const manager = await jetstreamManager(nats, { timeout: REQUEST_MS, checkAPI: false });
    const session: Session = { nats, stream: jetstream(nats, { timeout: REQUEST_MS }), manager, made: await this.#events.prepare(manager), over: false };
    if (this.#closed) throw closed();
    this.#session = session;
    const watch = realTime.setInterval(() => this.#probe(nats), SILENCE_MS).unref();
    void nats.closed().then(() => {
      realTime.clearInterval(watch);
      session.over = true;
      if (this.#closed) return;
      this.#current = undefined;
      this.session().catch((error: unknown) => this.#events.troubled(error as Error));
    });
    if (nats.isClosed()) throw new Error("the connection has ended");
    this.#events.recovered();
    for (const listener of [...this.#listeners]) listener(session);
    return session;
  }

  /** Ends a connection that does not answer. A network that is gone closes nothing. */
  #probe(nats: NatsConnection): void {
    const timer = realTime.setTimeout(() => void nats.close(), SILENCE_MS).unref();
    nats.flush().catch(() => {}).finally(() => realTime.clearTimeout(timer));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = realTime.setTimeout(resolve, ms).unref();
      this.#wake = () => {
        realTime.clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Repeats a command until NATS has answered it. @param command gets the number of attempts that were cut before @throws what NATS refuses for good, or `closed` */
  async insist<T>(command: (session: Session, before: number) => Promise<T>): Promise<T> {
    for (let before = 0; ; before += 1) {
      const session = this.#session === undefined || this.#session.over ? await this.session() : this.#session;
      try {
        return await command(session, before);
      } catch (error) {
        if (this.#closed) throw closed(error);
        if (!isPassing(error)) throw error;
        if (session.over) continue;
        await new Promise<void>((resolve) => realTime.setTimeout(resolve, PAUSE_MS).unref());
        if (isMissing(error)) await this.#makeAgain(session);
      }
    }
  }

  async #makeAgain(session: Session): Promise<void> {
    try {
      session.made = await this.#events.prepare(session.manager);
    } catch {
      // the next attempt tells
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    const session = await this.#current?.catch(() => undefined);
    await session?.nats.close();
  }
}

const closed = (cause?: unknown): Error => new Error("the transport is closed: its connection to NATS has ended", { cause });

/** The address without the credentials and the options. */
function serverOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function credentialsOf(url: string): { user?: string; pass?: string; token?: string; tls?: Record<string, never> } {
  const { username, password, protocol } = new URL(url);
  const tls = protocol === "tls:" ? { tls: {} } : {};
  if (username === "") return tls;
  return password === "" ? { token: decodeURIComponent(username), ...tls } : { user: decodeURIComponent(username), pass: decodeURIComponent(password), ...tls };
}

/** Whether the stream is not there: NATS was started again without its data, or JetStream is starting. */
function isMissing(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: unknown };
  return name === "JetStreamNotEnabled" || name === "NoRespondersError" || name === "StreamNotFoundError" || code === 10_059;
}

/** Errors of the client about the connection. */
const cut = /^(ClosedConnectionError|ConnectionError|DrainingConnectionError|TimeoutError|RequestError|InvalidOperationError)$/;

/** Codes of JetStream while it starts, or has no leader. */
const passing = new Set([503, 10_008, 10_009, 10_039, 10_074, 10_083]);

/** Whether the command may succeed later. */
export function isPassing(error: unknown): boolean {
  const { name, message, code, cause } = error as NodeJS.ErrnoException & { code?: unknown };
  if (cause instanceof Error && /^(PermissionViolationError|AuthorizationError)$/.test(cause.name)) return false;
  if (name === "JetStreamApiError") return passing.has(code as unknown as number);
  return cut.test(name) || isMissing(error) || (typeof code === "string" && !code.startsWith("ERR_")) || /^the connection has ended|closed connection|disconnected/i.test(message);
}
