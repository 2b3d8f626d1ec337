// One call that a host has claimed: runs it on the host's pool, and sends to its caller what becomes of it.
import { type CallFuture, type CallTimes, CancelledError, realTime } from "@offloop/workers/executor";
import { type BaseExecutor, callsOf, type CallTarget, type ChunkResult, type ContextValues, defaultCallOptions, type ExecutorCalls, packThrown, type ResolvedCallOptions, unpackThrown } from "@offloop/workers/pool";
import { pack, unpack } from "../messages/codec.js";
import type { CallMessage, ChunkMessage, HostAbout, ToCaller, ToHost } from "../messages/messages.js";
import { Far } from "./far.js";
import { sendStream } from "./send-stream.js";

/** The parts of a host that its calls use. */
export interface Hosting {
  readonly pool: BaseExecutor;
  /** The URL of the folder of its modules. */
  readonly root: string;
  about(): HostAbout;
  /** The largest message, in bytes. */
  readonly maxBytes: number;
  send(caller: string, message: ToCaller): Promise<void>;
}

/** One call that a host has claimed, until it is answered. */
export class RunningCall {
  readonly #host: Hosting;
  readonly #pool: ExecutorCalls;
  readonly #message: CallMessage;
  readonly #far: Far;
  readonly #began = realTime.now();
  /** Stops what runs. */
  #stop: ((reason: unknown) => void) | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #grant: ((credits: number) => void) | undefined;

  constructor(host: Hosting, message: CallMessage) {
    this.#host = host;
    this.#pool = callsOf(host.pool);
    this.#message = message;
    const context = message.context && (unpack(message.context, "the worker", message.name) as ContextValues);
    this.#far = new Far(message.key, host.root, context, (each) => this.#tell(each));
  }

  get caller(): string {
    return this.#message.caller;
  }

  get key(): string {
    return this.#message.key;
  }

  /** Runs the call. Settles when its answer is with the engine; rejects if the answer could not be given to it. */
  run(target: () => CallTarget): Promise<void> {
    return this.answer(() => this.#call(target()));
  }

  /** Sends what becomes of `outcome` to the caller. @param key of the call, if it is one of several */
  async answer(outcome: () => unknown, key = this.#message.key): Promise<void> {
    const { name } = this.#message;
    let packed;
    try {
      packed = pack(await outcome(), "result", name, "the caller");
      if (packed.length > this.#host.maxBytes) throw new RangeError(`The result of ${name} takes ${packed.length} bytes, and the transport carries ${this.#host.maxBytes} at most (maxBytes). Return it in parts, as a stream, or raise the limit of the transport.`);
    } catch (error) {
      return this.#send({ type: "rejected", key, thrown: packThrown(error), ...this.#measured(key) });
    }
    return this.#send({ type: "fulfilled", key, packed, ...this.#measured(key) });
  }

  #measured(key: string): { readonly stats: HostAbout["stats"]; readonly ms: number; readonly times: CallTimes | undefined } {
    return { stats: this.#host.about().stats, ms: realTime.now() - this.#began, times: key === this.#message.key ? this.#far.times : undefined };
  }

  async #call(target: CallTarget): Promise<unknown> {
    const { kind } = this.#message;
    const { options, args } = this;
    if (this.#cancelled !== undefined) throw new CancelledError(`${options.name} was cancelled`, { cause: this.#cancelled.reason });
    switch (kind) {
      case "call":
        return this.follow(this.#pool.call(options, target, args));
      case "chunk":
        return chunkMessage((await this.follow(this.#pool.callChunk(options, target, Array.from(args[0] as ArrayLike<unknown>)))) as ChunkResult<unknown>);
      case "stream": {
        const { name, key } = this.#message;
        const stream = sendStream(this.#pool.callStream(options, target, args), name, (items) => this.#tell({ type: "items", key, packed: pack(items, "items", name, "the caller") }));
        this.#grant = stream.grant;
        this.#stop = stream.stop;
        return stream.ended;
      }
      default:
        return kind satisfies never;
    }
  }

  get args(): unknown[] {
    return unpack(this.#message.packed, "the worker", this.#message.name) as unknown[];
  }

  /** The options for the pool. The caller counts the crashes and decides about retries. */
  get options(): ResolvedCallOptions {
    const { key, name, queueTimeoutMs, runTimeoutMs, graceMs, terminate, progress } = this.#message;
    return {
      ...defaultCallOptions,
      name,
      queueTimeoutMs,
      runTimeoutMs,
      graceMs,
      onCancel: terminate ? "terminate" : "wait", // the caller decides when its future settles
      far: this.#far,
      ...(progress ? { onProgress: (value: unknown) => this.#tell({ type: "progress", key, packed: pack(value, "progress", name, "the caller") }) } : {}),
    };
  }

  /** Lets a cancellation reach this future. */
  follow<T>(future: CallFuture<T>): CallFuture<T> {
    this.#stop = (reason) => void future.cancel(reason);
    if (this.#cancelled !== undefined) this.#stop(this.#cancelled.reason);
    return future;
  }

  /** The caller has sent something for the call. */
  receive(message: ToHost): void {
    switch (message.type) {
      case "cancel":
        return this.cancel(unpackThrown(message.reason));
      case "credit":
        return this.#grant?.(message.credits);
      case "answerBack":
        return this.#far.answered(message);
      case "each":
      case "warmUp":
        return;
      default:
        message satisfies never;
    }
  }

  cancel(reason: unknown): void {
    this.#cancelled = { reason };
    this.#stop?.(reason);
  }

  /** Sends what the answer comes after: if this fails, so does the answer. */
  #tell(message: ToCaller): void {
    void this.#send(message).catch(() => {});
  }

  #send(message: ToCaller): Promise<void> {
    return this.#host.send(this.#message.caller, message);
  }
}

function chunkMessage({ values, failed, ms }: ChunkResult<unknown>): ChunkMessage {
  return { values, failed: failed && packThrown(failed.error), ms };
}
