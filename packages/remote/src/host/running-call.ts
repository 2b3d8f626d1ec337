// One call that a host has claimed: runs it on the host's pool, and sends to its caller what becomes of it.
import { type CallFuture, CancelledError, realTime } from "@offloop/workers/executor";
import { callsOf, type CallTarget, type ChunkResult, type ContextValues, defaultCallOptions, type ExecutorCalls, packThrown, type ResolvedCallOptions, unpackThrown } from "@offloop/workers/pool";
import { pack, unpack } from "../messages/codec.js";
import { type ChunkMessage, type HostTimes, type JobMessage, keyInJob, type ToCaller, type ToHost } from "../messages/messages.js";
import { Far } from "./far.js";
import type { Hosting } from "./hosting.js";
import type { Results } from "./results.js";
import { sendStream } from "./send-stream.js";

/** One call that a host has claimed, until it is answered. */
export class RunningCall {
  readonly #host: Hosting;
  readonly #pool: ExecutorCalls;
  readonly #job: JobMessage;
  readonly #index: number;
  readonly #far: Far;
  readonly key: string;
  readonly #began = realTime.now();
  /** Stops what runs. */
  #stop: ((reason: unknown) => void) | undefined;
  #cancelled: { readonly reason: unknown } | undefined;
  #grant: ((credits: number) => void) | undefined;

  /** @param index its position in the job */
  constructor(host: Hosting, job: JobMessage, index: number) {
    this.#host = host;
    this.#pool = callsOf(host.pool);
    this.#job = job;
    this.#index = index;
    this.key = keyInJob(job.key, index);
    const packed = job.contexts?.[index];
    this.#far = new Far(this.key, host.root, packed && (unpack(packed, "the worker", job.name) as ContextValues), (each) => this.#tell(each));
  }

  get caller(): string {
    return this.#job.caller;
  }

  /** How long it has taken until now. */
  get times(): HostTimes {
    const { queuedMs = 0, runMs } = this.#far.times ?? {};
    return [realTime.now() - this.#began, queuedMs, runMs];
  }

  /** Sends what becomes of `outcome` to the caller. Settles when the answer is with the engine; rejects if it could not be given to it. */
  async answer(outcome: () => unknown, results: Results): Promise<void> {
    let value: unknown;
    try {
      value = await outcome();
    } catch (error) {
      return results.failed(this.#index, error, this.times);
    }
    return results.add(this.#index, value, this.times);
  }

  /** Runs the call. */
  async run(target: CallTarget, args: unknown[]): Promise<unknown> {
    const { options } = this;
    if (this.#cancelled !== undefined) throw new CancelledError(`${options.name} was cancelled`, { cause: this.#cancelled.reason });
    const { kind } = this.#job;
    switch (kind) {
      case "call":
        return this.follow(this.#pool.call(options, target, args));
      case "chunk":
        return chunkMessage((await this.follow(this.#pool.callChunk(options, target, Array.from(args[0] as ArrayLike<unknown>)))) as ChunkResult<unknown>);
      case "stream": {
        const { name } = this.#job;
        const stream = sendStream(this.#pool.callStream(options, target, args), name, (items) => this.#tell({ type: "items", key: this.key, packed: pack(items, "items", name, "the caller") }));
        this.#grant = stream.grant;
        this.#stop = stream.stop;
        return stream.ended;
      }
      default:
        return kind satisfies never;
    }
  }

  /** The options for the pool. The caller counts the crashes and decides about retries. */
  get options(): ResolvedCallOptions {
    const { name, queueTimeoutMs, runTimeoutMs, graceMs, terminate, progress } = this.#job;
    return {
      ...defaultCallOptions,
      name,
      queueTimeoutMs,
      runTimeoutMs,
      graceMs,
      onCancel: terminate ? "terminate" : "wait", // the caller decides when its future settles
      far: this.#far,
      ...(progress ? { onProgress: (value: unknown) => this.#tell({ type: "progress", key: this.key, packed: pack(value, "progress", name, "the caller") }) } : {}),
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
    void this.#host.send(this.caller, message).catch(() => {});
  }
}

function chunkMessage({ values, failed, ms }: ChunkResult<unknown>): ChunkMessage {
  return { values, failed: failed && packThrown(failed.error), ms };
}
