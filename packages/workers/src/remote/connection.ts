// One side of the connection between an actor and its owner. Both sides work alike: each exposes objects, and calls
// the objects of the other side.
//
//   Remote ─▶ Peer ─▶ Wire ═ line ═ Wire ─▶ Host ─▶ object
//
// This file decides how a value is sent: as a copy, or as a reference to an endpoint, while the value stays here.
import { types } from "node:util";
import { captureCaller, runAs } from "../executor/caller-context.js";
import { ExecutorShutdownError } from "../executor/errors.js";
import type { ContextValues } from "../executor/propagate.js";
import { classNameOf, functionName } from "../executor/text-of.js";
import { markedTransfers } from "../executor/transfer.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, packThrown, parcelFor, restoreBuffers, unpack } from "../protocol/parcel.js";
import type { ObserveRequest } from "./callee.js";
import { Host, type Runner } from "./host.js";
import { ExposedIterator, RemoteIterator } from "./iterators.js";
import type { PackedArguments, Packing } from "./packing.js";
import { Peer } from "./peer.js";
import { isProxied } from "./proxy.js";
import { createRemote, peerOf } from "./remote.js";
import { type ReceivedSignals, Signals } from "./signals.js";
import { asIterator, type Outcome, type PackedSignal, type PackedValue } from "./values.js";
import { type Line, Wire, type WireOwner } from "./wire.js";

/** How the two sides differ. */
export interface ConnectionOptions {
  readonly side: "main" | "worker";
  /** Whether both sides share memory, and objects can move between them. */
  readonly shared: boolean;
  /** Runs a call of the other side. @default in the context of the code that passed the called object */
  readonly run?: Runner;
  /** Makes the requests to objects that the other side has passed. */
  readonly observe?: ObserveRequest;
  /** The first call to the other side is pending, or none is pending any more. */
  busy?(busy: boolean): void;
}

export class Connection implements WireOwner, Packing {
  readonly wire: Wire;
  readonly #options: ConnectionOptions;
  readonly #signals: Signals;
  readonly #exposed = new Map<number, Host>();
  #pending = 0;
  /** The outcomes that are being sent and hold an object, with the results of their methods. */
  readonly #sending = new WeakMap<Outcome, { readonly callName: string; readonly value: unknown; readonly moved: readonly object[] }>();
  #loss: ((callName: string) => Error) | undefined;
  #idle: (() => void) | undefined;

  constructor(line: Line, options: ConnectionOptions) {
    this.#options = options;
    this.wire = new Wire(line, options.side, this);
    this.#signals = new Signals((id, reason) => this.wire.post({ aborted: id, reason }), options.shared);
  }

  get to(): Destination {
    return this.#options.shared ? "thread" : "process";
  }

  get confines(): boolean {
    return this.#options.side === "main";
  }

  /** Makes `target` available to the other side. @returns its endpoint */
  expose(target: object, id?: number, released?: () => void): number {
    let endpoint: number | undefined;
    const host = new Host(target, this, this.#options.run ?? runAsPasser(), () => {
      if (this.#exposed.delete(endpoint as number)) released?.();
    });
    endpoint = this.wire.expose(host, id);
    this.#exposed.set(endpoint, host);
    return endpoint;
  }

  /** An object that the other side has exposed. */
  peer(endpoint: number, name: string): Peer {
    return new Peer(this, this.wire, endpoint, name);
  }

  /** The other side has ended. Each pending call rejects with what `loss` returns. */
  lose(loss: (callName: string) => Error): void {
    this.#loss = loss;
    this.wire.lose();
    this.#signals.lose();
    for (const host of [...this.#exposed.values()]) host.released();
  }

  lossOf(callName: string): Error {
    return this.#loss?.(callName) ?? new ExecutorShutdownError(`${callName} was called after the other side had released it. Release it there after the last call.`);
  }

  began(): void {
    this.#pending += 1;
    if (this.#pending === 1) this.#options.busy?.(true);
  }

  ended(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    this.#options.busy?.(false);
    this.#idle?.();
  }

  /** Resolves when no call to the other side is pending. */
  async idle(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  packArguments(args: readonly unknown[], signal: AbortSignal | undefined, values: ContextValues | undefined, lasting: boolean): PackedArguments {
    const forgets: (() => void)[] = [];
    const sendSignal = (each: AbortSignal): PackedSignal => {
      const { packed, forget } = this.#signals.pack(each);
      forgets.push(forget);
      return packed;
    };
    const packed: PackedValue[] = [];
    const withdraw = (): void => {
      for (const each of packed) if (each.kind === "remote") this.#conceal(each.endpoint);
    };
    const besides: Besides = { moved: [], buffers: [] };
    let context: PackedValue | undefined;
    try {
      args.forEach((arg, index) => packed.push(arg instanceof AbortSignal ? sendSignal(arg) : this.#pack(arg, `args[${index}]`, besides)));
      context = values && this.#pack(values, "context", besides);
    } catch (refused) {
      withdraw();
      for (const forget of forgets) forget();
      throw refused;
    }
    return {
      packed,
      transferred: [...new Set(besides.moved)],
      sentSignal: signal && sendSignal(signal),
      context,
      forget: this.#forgetting(forgets, lasting),
      withdraw,
    };
  }

  /** In a scope of its own: the function lives until the call is answered, and must not keep the arguments. */
  #forgetting(forgets: readonly (() => void)[], lasting: boolean): () => void {
    return () => forgets.forEach((forget) => (lasting ? this.#signals.keep(forget) : forget()));
  }

  packOutcome(value: unknown, callName: string): Outcome {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      const outcome: Outcome = { kind: "value", value: { kind: "raw", value } };
      if (typeof value === "symbol") this.#sending.set(outcome, { callName, value, moved: [] });
      return outcome;
    }
    const besides: Besides = { moved: [], buffers: [] };
    try {
      const iterator = isProxied(value) ? undefined : asIterator(value);
      const outcome: Outcome = { kind: "value", value: iterator === undefined ? this.#pack(value, "result", besides) : this.#packIterator(iterator) };
      this.#sending.set(outcome, { callName, value, moved: [...new Set(besides.moved)] });
      return outcome;
    } catch (cause) {
      throw diagnoseClone(value, "result", callName, this.#marked(value), cause);
    }
  }

  movedWith(outcome: Outcome): readonly object[] {
    return this.#sending.get(outcome)?.moved ?? [];
  }

  unpack(packed: PackedValue, callName: string, signals?: ReceivedSignals): unknown {
    switch (packed.kind) {
      case "raw":
        if (packed.buffers !== undefined) restoreBuffers(packed.buffers);
        return packed.value;
      case "parcel":
        return unpack(packed.parcel, this.#options.side === "main" ? "the caller" : "the worker", callName);
      case "remote":
        return createRemote(Object.assign(this.peer(packed.endpoint, packed.name), { observe: this.#options.observe }));
      case "iterator":
        return new RemoteIterator(this.peer(packed.endpoint, "iterator"));
      case "original":
        return this.#exposed.get(packed.endpoint)?.target;
      case "signal":
        return signals?.signalOf(packed);
      default:
        return packed satisfies never;
    }
  }

  receiveSignals(): ReceivedSignals {
    return this.#signals.receive();
  }

  aborted(id: number, reason: unknown): void {
    this.#signals.aborted(id, reason);
  }

  unanswerable(outcome: Outcome, error: unknown): Outcome {
    const sending = this.#sending.get(outcome);
    const told = sending === undefined ? error : diagnoseClone(sending.value, "result", sending.callName, this.#marked(sending.value), error);
    return { kind: "thrown", thrown: packThrown(told, this.to) };
  }

  /** @throws the error of the check or getter that refused the value */
  #pack(value: unknown, root: string, besides: Besides): PackedValue {
    if (isProxied(value)) return { kind: "remote", endpoint: this.expose(value), name: nameOf(value) };
    const peer = peerOf(value);
    if (peer instanceof Peer && peer.connection === this) return { kind: "original", endpoint: peer.endpoint };
    const buffers: Uint8Array[] = [];
    const parcel = parcelFor(value, root, this.to, { moved: besides.moved, buffers }, this.#marked(value));
    if (parcel !== undefined) return { kind: "parcel", parcel };
    return buffers.length > 0 ? { kind: "raw", value, buffers } : { kind: "raw", value };
  }

  #packIterator(iterator: Iterator<unknown> | AsyncIterator<unknown>): PackedValue {
    const exposed = new ExposedIterator(iterator);
    return { kind: "iterator", endpoint: this.expose(exposed, undefined, () => exposed.abandon()) };
  }

  #conceal(id: number): void {
    this.wire.close(id);
    this.#exposed.get(id)?.released();
  }

  /** The objects that were marked to move with a value. Processes copy them instead. */
  #marked(value: unknown): readonly object[] {
    return this.#options.shared ? (markedTransfers(value) ?? []) : [];
  }
}

/** Runs what the other side calls in the context of the code that is running now: it passes a callback or an object. */
function runAsPasser(): NonNullable<ConnectionOptions["run"]> {
  const passer = captureCaller();
  return (_request, _signal, run) => runAs(passer, run);
}

function nameOf(value: object): string {
  if (typeof value === "function") return functionName(value) || "callback";
  return types.isModuleNamespaceObject(value) ? "module" : classNameOf(value);
}
