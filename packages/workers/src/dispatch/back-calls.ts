// The main side of the way back: runs the functions that the worker of one lane requests with fromThread().
// entry/way-back.ts is the other end.
//
//   "callBack" ─▶ the function is resolved ─▶ MainHost runs it ─▶ "answerBack"
//
// A function arrives by reference or as code. The travel rules of the kind decide which functions are served. Without
// rules, a worker outside this process gets only what it was given: function/admitting/.
import { types } from "node:util";
import { type CallerContext, runAs } from "../executor/caller-context.js";
import type { FarCaller } from "../executor/far-caller.js";
import { loadModule } from "../executor/load-module.js";
import { mainHost } from "../executor/main-host.js";
import { enterContext } from "../executor/propagate.js";
import { markedTransfers } from "../executor/transfer.js";
import type { ResolvedFunction } from "../function/arriving/resolve-function.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import type { Captures, FunctionPayload } from "../protocol/function-payload.js";
import { type CallBack, PACKED, THROWN, type ToWorker, VALUE } from "../protocol/messages.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, packThrown, parcelFor, unpack } from "../protocol/parcel.js";
import { arriving, type TravelRules } from "../protocol/travel-rules.js";

type Resolved = ResolvedFunction | Promise<ResolvedFunction>;

/** A function that the worker has named. */
interface Known {
  readonly payload: FunctionPayload;
  /** Set with its first request that is run here. */
  resolved: Resolved | undefined;
}

/** A request that has not been answered. */
interface Open {
  /** The id of the call that made the request; 0: no call. */
  readonly call: number;
  cancel: ((reason: unknown) => void) | undefined;
}

/** The functions of a worker whose requests are checked. */
interface Given {
  readonly payloads: Set<FunctionPayload>;
  readonly hooks: readonly string[];
}

/** The number of functions of a worker that are remembered. Only programs that create code at run time send more. A guess. */
const MOST_GIVEN = 10_000;

/** Of a request that belongs to no running call, on a worker that serves callers elsewhere. */
export const noCaller: FarCaller = {
  context: undefined,
  streamWindow: 0,
  request({ name }) {
    throw new Error(`fromThread(${name}) was not run: no call is running that it belongs to, and a host has many callers. Await it before the function of the call returns.`);
  },
};

const NO_SYNC = "fromThread.sync() waits in shared memory, which another host does not have. Await fromThread(), or run the call on a ThreadPoolExecutor.";

/** Serves the requests that the calls of one worker make with `fromThread()`. When the worker ends, its running requests are cancelled. */
export class BackCalls {
  readonly #to: Destination;
  readonly #send: (message: ToWorker, transfer?: readonly unknown[]) => void;
  readonly #travel: TravelRules | undefined;
  readonly #changed: () => void;
  readonly #given: Given | undefined;
  readonly #functions = new Map<number, Known>();
  readonly #open = new Map<number, Open>();
  /** Settles when all earlier requests have begun; `undefined`: they have. */
  #earlier: Promise<void> | undefined;

  /**
   * @param send may throw a DataCloneError.
   * @param travel maps the worker's names for functions to functions here.
   * @param hooks the modules of the pool's `setup` and `teardown`
   * @param changed called when the worker begins to wait for requests, and when it waits for none any more
   * @param checked whether it gets only what it was given
   */
  constructor(to: Destination, send: (message: ToWorker, transfer?: readonly unknown[]) => void, travel: TravelRules | undefined, hooks: readonly string[], changed: () => void, checked = to === "process" && travel === undefined) {
    this.#to = to;
    this.#given = checked ? { payloads: new Set(), hooks } : undefined;
    this.#send = send;
    this.#travel = travel;
    this.#changed = changed;
  }

  /** The worker is sent a function. */
  give(payload: FunctionPayload): void {
    const payloads = this.#given?.payloads;
    if (payloads === undefined) return;
    payloads.add(payload);
    if (payloads.size > MOST_GIVEN) payloads.delete(payloads.values().next().value as FunctionPayload);
  }

  /** Whether the worker waits for an answer. */
  get waiting(): boolean {
    return this.#open.size > 0;
  }

  /**
   * Begins the request. Requests begin in the order of arrival, also if a function has to be loaded first.
   * @param caller of the call that requests; `undefined`: that call has ended
   * @param far runs the request, if the caller is elsewhere
   */
  receive(request: CallBack, caller: CallerContext | undefined, far?: FarCaller): void {
    if (request.payload !== undefined) this.#functions.set(request.fn, { payload: request.payload, resolved: undefined });
    const known = this.#functions.get(request.fn)!;
    if (request.id !== 0) {
      this.#open.set(request.id, { call: request.call, cancel: undefined });
      if (this.#open.size === 1) this.#changed();
    }
    if (far !== undefined) return this.#forward(request, known.payload, far);
    if (known.resolved === undefined) {
      const loading = resolve(known.payload, this.#travel, this.#given);
      loading.catch(() => {}); // each request for the function reports the failure
      known.resolved = loading;
    }
    const fn = known.resolved;
    if (!types.isPromise(fn) && this.#earlier === undefined) return this.#beginOrFail(request, fn, caller);
    const mine = (this.#earlier ?? Promise.resolve()).then(async () => {
      try {
        const ready = await fn;
        known.resolved = ready;
        this.#beginOrFail(request, ready, caller);
      } catch (error) {
        this.#failed(request, error);
      }
      if (this.#earlier === mine) this.#earlier = undefined;
    });
    this.#earlier = mine;
  }

  /** The worker has cancelled a request. */
  cancel(id: number, reason: unknown): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#close(id);
    open.cancel?.(reason);
  }

  /** Cancels the requests of `call`, without an answer; `undefined`: of all calls, because the worker has ended. */
  cancelAll(reason: unknown, call?: number): void {
    for (const [id, open] of this.#open) if (call === undefined || open.call === call) this.cancel(id, reason);
  }

  #beginOrFail(request: CallBack, resolved: ResolvedFunction, caller: CallerContext | undefined): void {
    try {
      runAs(caller, () => this.#begin(request, resolved));
    } catch (error) {
      this.#failed(request, error);
    }
  }

  #begin(request: CallBack, resolved: ResolvedFunction): void {
    const { id, name, captures, context, parcel } = request;
    const args = parcel === undefined ? request.args : (unpack(parcel, "the caller", name) as unknown[]);
    const run = (): unknown => enterContext(context, () => (captures === undefined ? resolved : (resolved(captures) as ResolvedFunction))(...args));
    if (id === 0) return mainHost().schedule(run);
    const open = this.#open.get(id);
    if (open === undefined) return; // cancelled before it began
    const running = mainHost().run(name, run);
    open.cancel = (reason) => running.cancel(reason);
    running.outcome.then(
      (value) => this.#answer(request, VALUE, value),
      (error: unknown) => this.#answer(request, THROWN, packThrown(error, this.#to)),
    );
  }

  /** Passes the request on to a caller elsewhere. */
  #forward(request: CallBack, payload: FunctionPayload, far: FarCaller): void {
    const { id, name, context, parcel, sync } = request;
    try {
      if (sync === true) throw new Error(NO_SYNC);
      const args = parcel === undefined ? request.args : (unpack(parcel, "the caller", name) as unknown[]);
      const running = far.request({ name, payload, args, context, answered: id !== 0 });
      const open = this.#open.get(id);
      if (open === undefined) return;
      open.cancel = (reason) => running.cancel(reason);
      running.outcome.then(
        (value) => this.#answer(request, VALUE, value),
        (error: unknown) => this.#answer(request, THROWN, packThrown(error, this.#to)),
      );
    } catch (error) {
      if (id !== 0) this.#answer(request, THROWN, packThrown(error, this.#to));
      else process.emitWarning(error as Error); // the worker waits for no answer, and this thread has not made the request
    }
  }

  /** @returns whether the request was open */
  #close(id: number): boolean {
    const wasOpen = this.#open.delete(id);
    if (wasOpen && this.#open.size === 0) this.#changed();
    return wasOpen;
  }

  /** The function was not found. If the worker waits for no answer, the host reports the error. */
  #failed(request: CallBack, error: unknown): void {
    if (request.id !== 0) return this.#answer(request, THROWN, packThrown(error, this.#to));
    mainHost().schedule(() => {
      throw error;
    });
  }

  #answer({ id, name }: CallBack, kind: typeof VALUE | typeof THROWN, value: unknown): void {
    if (!this.#close(id)) return;
    if (kind === THROWN) return this.#send({ type: "answerBack", id, kind, value });
    const transfer = markedTransfers(value);
    const besides: Besides = { moved: [], buffers: [] };
    try {
      const parcel = parcelFor(value, "result", this.#to, besides, transfer);
      const { moved, buffers } = besides;
      this.#send({ type: "answerBack", id, ...(parcel === undefined ? { kind, value } : { kind: PACKED, value: parcel }), ...(buffers.length > 0 ? { buffers } : {}) }, moved.length > 0 ? moved : undefined);
    } catch (cause) {
      const error = diagnoseClone(value, "result", name, transfer ?? [], cause, "the worker");
      this.#send({ type: "answerBack", id, kind: THROWN, value: packThrown(error, this.#to) });
    }
  }
}

/** The code that resolves functions is loaded with the first request, because most programs never need it on this side. */
async function resolve(payload: FunctionPayload, travel: TravelRules | undefined, given: Given | undefined): Promise<ResolvedFunction> {
  const { resolveFunction } = loadModule<typeof import("../function/arriving/resolve-function.js")>(import.meta.url, "../function/arriving/resolve-function.js");
  if (given === undefined) return resolveFunction(arriving(payload, travel));
  const { admit } = loadModule<typeof import("../function/admitting/admit.js")>(import.meta.url, "../function/admitting/admit.js");
  const admitted = await admit(arriving(payload, travel), given.payloads, given.hooks);
  const fn = await resolveFunction(admitted.payload);
  if (payload.kind !== "value" || payload.captures !== "each call") return fn;
  return (captures) => {
    admitted.check(captures as Captures);
    return fn(captures);
  };
}
