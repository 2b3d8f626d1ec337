// One object on the other side, by its endpoint: calls it through comlink, and turns the outcome into a
// value, or into an error with the stacks of both sides.
import type { Endpoint } from "comlink";
import { releaseProxy, transfer, wrap } from "./comlink.js";
import { CancelledError, CloneError, ExecutorShutdownError } from "../executor/errors.js";
import { framesBelowTitle, writeStack } from "../executor/stack.js";
import { onAbort } from "../executor/signal-hub.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { unpackThrown } from "../protocol/parcel.js";
import type { Callee, ObserveRequest, RequestOptions } from "./callee.js";
import type { PackedArguments, Packing } from "./packing.js";
import { staysHere } from "./stays-here.js";
import type { CallRequest, Outcome } from "./values.js";
import type { WireEndpoint, NoAnswer } from "./wire.js";

interface Answerer {
  answer(request: CallRequest): Promise<Outcome | NoAnswer>;
  [releaseProxy](): void;
}

export class Peer implements Callee {
  readonly connection: Packing;
  readonly endpoint: WireEndpoint;
  /** Its name in errors. */
  name: string;
  /** Makes the request, and publishes its steps. `undefined`: its owner does that, or it is no object of a program. */
  observe: ObserveRequest | undefined;
  readonly #exposed: Answerer;
  /** Read once, because comlink creates a proxy for each access to a member. */
  readonly #answer: Answerer["answer"];
  #released = false;
  /** Calls without an answer. */
  #pending = 0;

  constructor(connection: Packing, endpoint: WireEndpoint, name: string) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.name = name;
    this.#exposed = wrap(endpoint as unknown as Endpoint) as unknown as Answerer;
    this.#answer = this.#exposed.answer;
  }

  request(how: CallRequest["how"], path: readonly string[], args: readonly unknown[], options: RequestOptions): Promise<unknown> {
    const { observe } = this;
    if (observe === undefined) return this.#request(how, path, args, options);
    return observe([this.name, ...path].join("."), (watch) => this.#request(how, path, args, { ...options, watch }));
  }

  async #request(how: CallRequest["how"], path: readonly string[], args: readonly unknown[], { signal, above, lasting = how === "construct", watch }: RequestOptions): Promise<unknown> {
    const name = [this.name, ...path].join(".");
    const site: { stack?: string } = {};
    Error.captureStackTrace(site, above ?? this.request);
    if (this.#released) throw blamed(new ExecutorShutdownError(`${name} was called after it was released. Release it after its last call.`), site);
    if (signal?.aborted === true) throw blamed(cancelled(name, signal), site);
    const { packed, transferred, sentSignal, context, forget, withdraw } = this.#pack(args, signal, lasting, name, site);
    const request: CallRequest = { how, path, args: packed, name, lasting, ...(watch === undefined ? {} : { timed: true as const }), ...(sentSignal === undefined ? {} : { signal: sentSignal }), ...(context === undefined ? {} : { context }) };
    const answered = this.#ask(transfer(request, transferred as never[])).finally(forget);
    const outcome = await (signal === undefined ? answered : Promise.race([answered, aborted(signal, answered)]));
    if ("ran" in outcome && outcome.ran !== undefined) watch?.ran(outcome.ran);
    switch (outcome.kind) {
      case "value":
        return this.connection.unpack(outcome.value, name);
      case "thrown":
        throw unpackThrown(outcome.thrown, framesBelowTitle(site));
      case "refused":
        withdraw();
        throw blamed(refusal(args, name, transferred, outcome.error), site);
      case "lost":
        throw blamed(this.connection.lossOf(name), site);
      case "cancelled":
        throw blamed(cancelled(name, signal as AbortSignal), site);
      default:
        return outcome satisfies never;
    }
  }

  /** Releases the object after the last answer, because comlink drops the calls that are pending when it releases. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#pending === 0) this.#exposed[releaseProxy]();
  }

  #pack(args: readonly unknown[], signal: AbortSignal | undefined, lasting: boolean, name: string, site: { stack?: string }): PackedArguments {
    try {
      return this.connection.packArguments(args, signal, lasting);
    } catch (cause) {
      throw blamed(refusal(args, name, [], cause), site);
    }
  }

  /**
   * Keeps the peer alive during the request. comlink releases an object that can be collected, also if an answer is pending.
   * Keeps no arguments: the call may have been cancelled long before its answer.
   */
  #ask(request: CallRequest): Promise<Outcome | NoAnswer> {
    const done = this.connection.began(this);
    this.#pending += 1;
    return this.#answer(request).finally(() => {
      this.#pending -= 1;
      if (this.#released && this.#pending === 0) this.#exposed[releaseProxy]();
      done();
    });
  }
}

/** Rejects if the signal fires before the answer arrives. */
function aborted(signal: AbortSignal, answered: Promise<unknown>): Promise<{ readonly kind: "cancelled" }> {
  return new Promise((resolve) => {
    const stop = onAbort(signal, () => resolve({ kind: "cancelled" }));
    answered.then(stop, stop);
  });
}

function cancelled(name: string, signal: AbortSignal): CancelledError {
  return new CancelledError(`${name} was cancelled by its signal`, { cause: signal.reason });
}

function refusal(args: readonly unknown[], name: string, transferred: readonly unknown[], cause: unknown): CloneError {
  const copied = args.map((arg) => (staysHere(arg) ? undefined : arg));
  const { message, path } = diagnoseClone(copied, "args", name, transferred, cause);
  return new CloneError(`${message} To pass a callback, make it an argument of its own and mark it: proxy(fn).`, path, { cause });
}

/** Replaces the stack of an error that this package made by the stack of the caller. */
function blamed<E extends Error>(error: E, site: { stack?: string }): E {
  writeStack(error, `${error.name}: ${error.message}\n${framesBelowTitle(site) ?? ""}`);
  return error;
}

