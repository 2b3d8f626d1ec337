// The worker's end of the way back: sends the calls that fromThread() makes to the main side, and settles
// their futures. The other end is dispatch/back-calls.ts.
//
//   fromThread() ─▶ "callBack" ─▶ BackCalls        "answerBack" ─▶ settle
//
// function/leaving/ locates the functions, as on the main side. The first call loads it.
import { nameOfCallee } from "../executor/callee.js";
import { CallFuture, type CallSettler } from "../executor/call-future.js";
import { CancelledError, FunctionTravelError, isCancellation } from "../executor/errors.js";
import type { CallTarget } from "../executor/callable.js";
import type { WayBack } from "../executor/from-thread.js";
import { captureContext } from "../executor/propagate.js";
import { framesBelowTitle } from "../executor/stack.js";
import { markedTransfers } from "../executor/transfer.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { textOf } from "../executor/text-of.js";
import type { FunctionPayload, LocatedFunction } from "../protocol/function-payload.js";
import { type CallBack, type FromWorker, PACKED, THROWN, type ToWorker } from "../protocol/messages.js";
import { NativePromise } from "../executor/intrinsics.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, type Contents, type Parcel, parcelFor, unpack, unpackThrown } from "../protocol/parcel.js";
import { loadLeaving } from "../function/load-leaving.js";
import { leaving, type TravelRules } from "../protocol/travel-rules.js";
import type { RunningCall } from "./running-call.js";

/** The worker's side of a call without an answer. */
interface Open {
  readonly call: RunningCall | undefined;
  readonly name: string;
  readonly settler: CallSettler<unknown>;
  /** An object with the stack of the code that made the call. */
  readonly origin: { readonly stack?: string };
  /** The outcome, for `callSync`, which blocks until it is set. */
  outcome: { readonly fulfilled: boolean; readonly value: unknown } | undefined;
}

/** The functions of a worker that its way back uses. */
export interface WayBackOptions {
  /** The place of the main side: a thread of this process, or another process. */
  readonly to: Destination;
  /** @throws DataCloneError */
  send(message: FromWorker, transfer?: readonly object[]): void;
  /** Blocks the thread until a message has arrived, and receives it; `undefined` if the worker cannot do this. */
  readonly wait: (() => void) | undefined;
  /** The running call. */
  current(): RunningCall | undefined;
  /** The rules by which functions of this worker are named for the calling thread. */
  readonly travel: TravelRules | undefined;
}

export class Back implements WayBack {
  readonly #options: WayBackOptions;
  readonly #open = new Map<number, Open>();
  readonly #sent = new WeakMap<FunctionPayload, number>();
  #lastFunction = 0;
  #lastId = 0;

  constructor(options: WayBackOptions) {
    this.#options = options;
  }

  call(fn: CallTarget, args: unknown[]): CallFuture<unknown> {
    const id = ++this.#lastId;
    const open = this.#begin(id, fn, this.call);
    const send = (located: LocatedFunction): void => {
      if (this.#open.has(id)) this.#send(id, open, located, args);
    };
    const fail = (error: unknown): void => this.#settle(id, false, error);
    try {
      send(loadLeaving().locateFunctionNow(fn));
    } catch (error) {
      // A function that cannot be located synchronously is located asynchronously.
      if (error instanceof FunctionTravelError) NativePromise.resolve(loadLeaving().locateFunction(fn)).then(send).catch(fail);
      else fail(error);
    }
    return open.settler.future;
  }

  callSync(fn: CallTarget, args: unknown[]): unknown {
    const { wait } = this.#options;
    if (wait === undefined) throw new Error("fromThread.sync() waits in shared memory, which only threads have. Await fromThread(), or run the call on a ThreadPoolExecutor.");
    const located = loadLeaving().locateFunctionNow(fn);
    const id = ++this.#lastId;
    const open = this.#begin(id, fn, this.callSync);
    open.call?.throwIfCancelled();
    this.#send(id, open, located, args, true);
    while (open.outcome === undefined) wait();
    const { fulfilled, value } = open.outcome;
    if (fulfilled) return value;
    throw value;
  }

  callSoon(fn: CallTarget, args: unknown[]): void {
    this.#post(0, this.#options.current(), nameOfCallee(fn), loadLeaving().locateFunctionNow(fn), args);
  }

  /** An answer has arrived. */
  answered({ id, kind, value }: ToWorker & { type: "answerBack" }): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    if (kind === THROWN) return this.#settle(id, false, unpackThrown(value as Contents, framesBelowTitle(open.origin)));
    let read = value;
    try {
      if (kind === PACKED) read = unpack(value as Parcel, "the worker", open.name);
    } catch (error) {
      return this.#settle(id, false, error);
    }
    this.#settle(id, true, read);
  }

  /** The running call is cancelled. Cancels the calls that it has made. */
  cancelled(call: RunningCall): void {
    for (const [id, open] of this.#open) if (open.call === call) this.#settle(id, false, cancelledError(open.name, call.signal.reason));
  }

  #begin(id: number, fn: CallTarget, above: (...args: never[]) => unknown): Open {
    const name = nameOfCallee(fn);
    const origin = {};
    Error.captureStackTrace(origin, above);
    const cancel = (reason: unknown): boolean => {
      this.#options.send({ type: "cancelBack", id, reason: textOf(reason) });
      this.#settle(id, false, cancelledError(name, reason));
      return true;
    };
    const settler = CallFuture.create<unknown>({ cancel });
    settler.future.catch(() => {}); // without a handler, a rejection would end the worker
    const open: Open = { call: this.#options.current(), name, settler, origin, outcome: undefined };
    this.#open.set(id, open);
    return open;
  }

  #send(id: number, open: Open, located: LocatedFunction, args: unknown[], sync = false): void {
    try {
      this.#post(id, open.call, open.name, located, args, sync);
    } catch (error) {
      this.#settle(id, false, error);
    }
  }

  #post(id: number, call: RunningCall | undefined, name: string, { payload, captures }: LocatedFunction, args: unknown[], sync = false): void {
    const known = this.#sent.get(payload);
    const fn = known ?? ++this.#lastFunction;
    const context = captureContext(undefined);
    const transfer = args.flatMap((arg) => markedTransfers(arg) ?? []);
    const besides: Besides = { moved: [], buffers: [] };
    const message = (parcel: Parcel | undefined): CallBack => ({
      type: "callBack",
      id,
      call: call?.id ?? 0,
      name,
      fn,
      args: parcel === undefined ? args : [],
      ...(parcel === undefined ? {} : { parcel }),
      ...(besides.buffers.length > 0 ? { buffers: besides.buffers } : {}),
      ...(known === undefined ? { payload: leaving(payload, this.#options.travel) } : {}),
      ...(captures === undefined ? {} : { captures }),
      ...(context === undefined ? {} : { context }),
      ...(sync ? { sync } : {}),
    });
    try {
      const { moved } = besides;
      const parcel = parcelFor(args, "args", this.#options.to, besides, transfer);
      this.#options.send(message(parcel), moved.length > 0 ? moved : undefined);
    } catch (cause) {
      throw diagnoseClone(args, "args", name, transfer, cause, "the caller");
    }
    if (known === undefined) this.#sent.set(payload, fn);
  }

  #settle(id: number, fulfilled: boolean, value: unknown): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    open.outcome = { fulfilled, value };
    if (fulfilled) open.settler.fulfil(value);
    else open.settler.fail(value, isCancellation(value) ? "cancelled" : "rejected");
  }
}

function cancelledError(name: string, reason: unknown): CancelledError {
  return isCancellation(reason) ? reason : new CancelledError(`${name} was cancelled`, { cause: reason });
}
