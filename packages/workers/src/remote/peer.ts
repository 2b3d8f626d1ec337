// One object on the other side, by its endpoint: sends the calls, and turns each outcome into a value, or into an error
// with the stacks of both sides.
import { CancelledError, CloneError, ExecutorShutdownError } from "../executor/errors.js";
import type { CallerStack } from "../executor/caller-stack.js";
import { captureContext } from "../executor/propagate.js";
import { onAbort } from "../executor/signal-hub.js";
import { writeStack } from "../executor/stack.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { unpackThrown } from "../protocol/parcel.js";
import type { Callee, How, ObserveRequest, RequestOptions, RequestWatch } from "./callee.js";
import type { Member } from "./member.js";
import type { Packing } from "./packing.js";
import { type RemoteCall, RemoteSettler } from "./remote-call.js";
import { isShort } from "./rows.js";
import { staysHere } from "./stays-here.js";
import type { CallRequest, NoAnswer, Outcome } from "./values.js";
import type { Asked, Wire } from "./wire.js";

/** The number of members of one object that are called by number. The other calls carry their path. */
const MOST_NUMBERED = 256;

/** Releases what no code of this side can reach any more. A pending call keeps its peer alive. */
const collected = new FinalizationRegistry<{ readonly wire: Wire; readonly endpoint: number }>(({ wire, endpoint }) => wire.release(endpoint));

export class Peer implements Callee {
  readonly connection: Packing;
  readonly endpoint: number;
  /** Its name in errors. */
  name: string;
  /** Makes the request, and publishes its steps. `undefined`: its owner does that, or it is no object of a program. */
  observe: ObserveRequest | undefined;
  readonly #wire: Wire;
  /** The numbers of its members. */
  readonly #numbers = new Map<Member, number>();
  #released = false;
  /** Calls without an answer. */
  #pending = 0;

  constructor(connection: Packing, wire: Wire, endpoint: number, name: string) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.name = name;
    this.#wire = wire;
    collected.register(this, { wire, endpoint }, this);
  }

  request(how: How, member: Member, args: readonly unknown[], options: RequestOptions): RemoteCall<unknown> {
    const { observe } = this;
    if (observe === undefined) return this.#request(how, member, args, options);
    return observe(member.nameIn(this.name), (watch) => this.#request(how, member, args, { ...options, watch }));
  }

  #request(how: How, member: Member, args: readonly unknown[], options: RequestOptions): RemoteCall<unknown> {
    const call = new PendingCall(this, member, options.above);
    const { signal } = options;
    if (this.#released) call.refuse(new ExecutorShutdownError(`${call.name} was called after it was released. Release it after its last call.`));
    else if (signal?.aborted === true) call.refuse(cancelled(call.name, signal));
    else this.#send(how, member, args, options, call);
    return call.promise;
  }

  #send(how: How, member: Member, args: readonly unknown[], { signal, lasting = how === "construct", watch }: RequestOptions, call: PendingCall): void {
    const context = captureContext(undefined);
    if (how === "call" && signal === undefined && watch === undefined && context === undefined && args.every(isShort)) {
      const number = this.#numbers.get(member) ?? this.#define(member, call.name);
      if (number !== undefined) return this.#wire.askShort(number, args, call);
    }
    let transferred: readonly unknown[] = [];
    try {
      const packed = this.connection.packArguments(args, signal, context, lasting);
      const { sentSignal } = packed;
      transferred = packed.transferred;
      call.leave = packed.forget;
      if (watch !== undefined) call.watch = watch;
      const request: CallRequest = { how, path: member.path, args: packed.packed, name: call.name, lasting, ...(watch === undefined ? {} : { timed: true as const }), ...(sentSignal === undefined ? {} : { signal: sentSignal }), ...(packed.context === undefined ? {} : { context: packed.context }) };
      try {
        this.#wire.ask(request, transferred, call);
      } catch (refused) {
        packed.withdraw();
        packed.forget();
        throw refused;
      }
    } catch (cause) {
      return call.refuse(refusal(args, call.name, transferred, cause));
    }
    if (signal !== undefined) call.rejectOn(signal);
  }

  #define(member: Member, name: string): number | undefined {
    const number = this.#numbers.size;
    if (number === MOST_NUMBERED) return undefined;
    this.#numbers.set(member, number);
    this.#wire.define(this.endpoint, number, name, member.path);
    return number;
  }

  /** Releases the object after the last answer: until then its methods run. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#pending === 0) this.#letGo();
  }

  /** For its calls. */
  began(): void {
    this.#pending += 1;
    this.connection.began();
  }

  /** For its calls. */
  ended(): void {
    this.#pending -= 1;
    if (this.#released && this.#pending === 0) this.#letGo();
    this.connection.ended();
  }

  #letGo(): void {
    collected.unregister(this);
    this.#wire.release(this.endpoint);
  }
}

/** A call without an answer. Keeps its peer alive, and no arguments: it may have been cancelled long before its answer. */
class PendingCall extends RemoteSettler implements Asked {
  readonly #peer: Peer;
  readonly #member: Member;
  readonly #caller: CallerStack | undefined;
  // Most calls have neither. Their defaults are on the prototype, so they take no memory in each call.
  /** Is told how long the call ran. */
  declare watch: RequestWatch | undefined;
  /** Drops what was sent with it. */
  declare leave: (() => void) | undefined;

  static {
    Object.assign(this.prototype, { watch: undefined, leave: undefined } satisfies Partial<PendingCall>);
  }

  constructor(peer: Peer, member: Member, above: RequestOptions["above"] = peer.request) {
    super();
    this.#peer = peer;
    this.#member = member;
    this.#caller = member.began(above);
    peer.began();
  }

  get name(): string {
    return this.#member.nameIn(this.#peer.name);
  }

  get endpoint(): number {
    return this.#peer.endpoint;
  }

  answered(outcome: Outcome | NoAnswer): void {
    this.leave?.();
    try {
      if (outcome.kind === "lost") this.fail(this.#blamed(this.#peer.connection.lossOf(this.name)));
      else {
        if (outcome.ran !== undefined) this.watch?.ran(outcome.ran);
        if (outcome.kind === "value") this.fulfil(this.#peer.connection.unpack(outcome.value, this.name));
        else this.fail(unpackThrown(outcome.thrown, this.#frames));
      }
    } catch (unreadable) {
      this.fail(unreadable);
    }
    this.#end();
  }

  /** The call is not sent. */
  refuse(error: Error): void {
    this.fail(this.#blamed(error));
    this.#end();
  }

  /** Rejects when the signal fires, and waits for the answer all the same. */
  rejectOn(signal: AbortSignal): void {
    const { leave } = this;
    const stop = onAbort(signal, () => this.fail(this.#blamed(cancelled(this.name, signal))));
    this.leave = () => {
      stop();
      leave?.();
    };
  }

  #end(): void {
    this.#member.ended();
    this.#peer.ended();
  }

  get #frames(): string | undefined {
    return this.#member.framesOf(this.#caller, this.name);
  }

  /** Replaces the stack of an error that this package made by the stack of the caller. */
  #blamed<E extends Error>(error: E): E {
    writeStack(error, `${error.name}: ${error.message}\n${this.#frames ?? ""}`);
    return error;
  }
}

function cancelled(name: string, signal: AbortSignal): CancelledError {
  return new CancelledError(`${name} was cancelled by its signal`, { cause: signal.reason });
}

function refusal(args: readonly unknown[], name: string, transferred: readonly unknown[], cause: unknown): CloneError {
  const copied = args.map((arg) => (staysHere(arg) ? undefined : arg));
  const { message, path } = diagnoseClone(copied, "args", name, transferred, cause);
  return new CloneError(`${message} To pass a callback, make it an argument of its own and mark it: proxy(fn).`, path, { cause });
}
