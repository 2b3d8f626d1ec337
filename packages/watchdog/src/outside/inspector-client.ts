// A client of the inspector of another process: commands with answers, events, and the sessions of its worker threads.
import { connectWebSocket, type WebSocketConnection } from "./web-socket.js";

/** The inspector has not answered in time, or has ended. */
export class NoAnswer extends Error {
  /** Whether the connection has ended. */
  readonly ended: boolean;

  constructor(message: string, ended: boolean) {
    super(message);
    this.ended = ended;
  }
}

/** The process, or its inspector, has refused a command. The message is its reason. */
export class Refused extends Error {}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: unknown;
}

interface Asked {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A session of one thread. */
export class InspectorSession {
  readonly #send: (text: string) => void;
  readonly #asked = new Map<number, Asked>();
  readonly #listeners = new Map<string, (params: never) => void>();
  #lastId = 0;
  #ended = false;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Sends a command. @throws NoAnswer after `timeoutMs`, or when the connection ends; Refused */
  async ask<Result>(method: string, params: object = {}, timeoutMs = 5_000): Promise<Result> {
    if (this.#ended) throw new NoAnswer("The inspector has ended the connection.", true);
    const id = ++this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.#asked.set(id, { resolve: resolve as (result: unknown) => void, reject });
        timer = setTimeout(() => reject(new NoAnswer(`The process has not answered ${method} for ${timeoutMs} ms.`, false)), timeoutMs);
        this.#send(JSON.stringify({ id, method, params }));
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  /** Evaluates an expression that returns a string of JSON. @throws Refused the expression throws; NoAnswer as `ask` */
  async evaluate<Value>(expression: string, timeoutMs?: number): Promise<Value> {
    const { result, exceptionDetails } = await this.ask<{ result: { value?: string }; exceptionDetails?: { exception?: { description?: string }; text: string } }>(
      "Runtime.evaluate",
      { expression, returnByValue: true, includeCommandLineAPI: true },
      timeoutMs,
    );
    if (exceptionDetails !== undefined) throw new Refused((exceptionDetails.exception?.description ?? exceptionDetails.text).split("\n")[0]!);
    return JSON.parse(result.value ?? "null") as Value;
  }

  on<Params>(event: string, listener: (params: Params) => void): void {
    this.#listeners.set(event, listener);
  }

  /** A message of the inspector has arrived. */
  receive(text: string): void {
    const { id, result, error, method, params } = JSON.parse(text) as Answer;
    if (id === undefined) return this.#listeners.get(method ?? "")?.(params as never);
    if (error === undefined) this.#asked.get(id)?.resolve(result);
    else this.#asked.get(id)?.reject(new Refused(error.message));
  }

  end(): void {
    this.#ended = true;
    for (const { reject } of this.#asked.values()) reject(new NoAnswer("The inspector has ended the connection.", true));
  }
}

/** A connection to the inspector of a process. Its own session is that of the main thread. */
export class InspectorClient extends InspectorSession {
  readonly #connection: WebSocketConnection;
  readonly closed: Promise<void>;

  private constructor(connection: WebSocketConnection, closed: Promise<void>) {
    super((text) => connection.send(text));
    this.#connection = connection;
    this.closed = closed;
  }

  static async connect(port: number, path: string): Promise<InspectorClient> {
    let client: InspectorClient | undefined;
    let ended = (): void => {};
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const connection = await connectWebSocket(port, path, {
      message: (text) => client?.receive(text),
      closed: () => {
        client?.end();
        ended();
      },
    });
    return (client = new InspectorClient(connection, closed));
  }

  close(): void {
    this.#connection.close();
  }
}
