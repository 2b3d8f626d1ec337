// One call that a host has claimed: runs it on the host's pool, and sends to its caller what becomes of it.
import { type CallFuture, CancelledError, realTime } from "@offloop/workers/executor";
import { callsOf, type BaseExecutor, type CallTarget, type ChunkResult, defaultCallOptions, type ExecutorCalls, packThrown, type ResolvedCallOptions, unpackThrown } from "@offloop/workers/pool";
import { pack, unpack } from "../messages/codec.js";
import type { CallMessage, ChunkMessage, HostAbout, ToCaller, ToHost } from "../messages/messages.js";

/** The parts of a host that its calls use. */
export interface Hosting {
  readonly pool: BaseExecutor;
  about(): HostAbout;
  send(caller: string, message: ToCaller): Promise<void>;
}

export class RunningCall {
  readonly #host: Hosting;
  readonly #pool: ExecutorCalls;
  readonly #message: CallMessage;
  #future: CallFuture<unknown> | undefined;
  #cancelled: { readonly reason: unknown; readonly terminate: boolean } | undefined;

  constructor(host: Hosting, message: CallMessage) {
    this.#host = host;
    this.#pool = callsOf(host.pool);
    this.#message = message;
  }

  get caller(): string {
    return this.#message.caller;
  }

  /** Runs the call. Settles when its answer is with the engine. Rejects if it could not be sent. */
  async run(target: () => CallTarget): Promise<void> {
    const { key } = this.#message;
    void this.#send({ type: "started", key, about: this.#host.about() }).catch(() => {}); // the answer will fail too
    const answer = await this.#outcome(target);
    await this.#send(answer);
  }

  async #outcome(target: () => CallTarget): Promise<ToCaller> {
    const { key, name } = this.#message;
    const began = realTime.now();
    try {
      const value = await this.#call(target());
      return { type: "fulfilled", key, packed: pack(value, "result", name, "the caller"), stats: this.#host.about().stats, ms: realTime.now() - began };
    } catch (error) {
      return { type: "rejected", key, thrown: packThrown(error), stats: this.#host.about().stats };
    }
  }

  async #call(target: CallTarget): Promise<unknown> {
    const { kind, name, packed } = this.#message;
    const args = unpack(packed, "the worker", name) as unknown[];
    switch (kind) {
      case "call":
        return this.#follow(this.#pool.call(this.#options, target, args));
      case "chunk":
        return chunkMessage((await this.#follow(this.#pool.callChunk(this.#options, target, [...(args[0] as Iterable<unknown>)]))) as ChunkResult<unknown>);
      case "stream":
        throw new CancelledError("not yet");
      default:
        return kind satisfies never;
    }
  }

  get #options(): ResolvedCallOptions {
    const { key, name, queueTimeoutMs, runTimeoutMs, graceMs, terminate, progress } = this.#message;
    return {
      ...defaultCallOptions,
      name,
      queueTimeoutMs,
      runTimeoutMs,
      graceMs,
      onCancel: terminate ? "terminate" : "wait", // the caller decides what its future does
      ...(progress ? { onProgress: (value: unknown) => void this.#send({ type: "progress", key, packed: pack(value, "progress", name, "the caller") }) } : {}),
    };
  }

  #follow<T>(future: CallFuture<T>): CallFuture<T> {
    this.#future = future as CallFuture<unknown>;
    if (this.#cancelled !== undefined) future.cancel(this.#cancelled.reason);
    return future;
  }

  /** The caller has sent something for the call. */
  receive(message: ToHost): void {
    if (message.type === "cancel") this.cancel(unpackThrown(message.reason), message.terminate);
  }

  cancel(reason: unknown, terminate: boolean): void {
    this.#cancelled = { reason, terminate };
    this.#future?.cancel(reason);
  }

  #send(message: ToCaller): Promise<void> {
    return this.#host.send(this.#message.caller, message);
  }
}

function chunkMessage({ values, failed, ms }: ChunkResult<unknown>): ChunkMessage {
  return { values, failed: failed && packThrown(failed.error), ms };
}
