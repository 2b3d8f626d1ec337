// The main side of the way back: what the worker of one lane asks to have run here.
// The other end is entry/way-back.ts.
//
//   "callBack" ─▶ function, found here ─▶ MainHost ─▶ "answerBack"
//
// The functions of a worker come from here, by reference or as code. A worker on another machine is held to
// the travel rules of its kind.
import { mainHost } from "../executor/from-thread.js";
import { enterContext } from "../executor/propagate.js";
import { markedTransfers } from "../executor/transfer.js";
import type { ResolvedFunction } from "../function/arriving/resolve-function.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { packThrown } from "../protocol/error-envelope.js";
import type { FunctionPayload } from "../protocol/function-payload.js";
import { type FromWorker, THROWN, type ToWorker, VALUE } from "../protocol/messages.js";
import { arriving, type TravelRules } from "../protocol/travel-rules.js";

type Request = FromWorker & { type: "callBack" };
type Resolved = ResolvedFunction | Promise<ResolvedFunction>;

/** One that has not been answered. */
interface Open {
  /** The id of the call that asked; 0: none. */
  readonly call: number;
  cancel: ((reason: unknown) => void) | undefined;
}

export class BackCalls {
  readonly #send: (message: ToWorker, transfer?: readonly unknown[]) => void;
  readonly #travel: TravelRules | undefined;
  readonly #functions = new Map<number, Resolved>();
  readonly #open = new Map<number, Open>();
  /** Settles when all that came earlier has begun; `undefined`: it has. */
  #earlier: Promise<void> | undefined;

  /** @param send throws DataCloneError; @param travel how functions of the worker are found here */
  constructor(send: (message: ToWorker, transfer?: readonly unknown[]) => void, travel: TravelRules | undefined) {
    this.#send = send;
    this.#travel = travel;
  }

  /** Begins in the order of arrival, also where a function has to be loaded first. */
  receive(request: Request): void {
    if (request.payload !== undefined) {
      const loading = resolve(request.payload, this.#travel);
      loading.catch(() => {}); // whoever begins it sees the failure
      this.#functions.set(request.fn, loading);
    }
    const fn = this.#functions.get(request.fn)!;
    if (request.id !== 0) this.#open.set(request.id, { call: request.call, cancel: undefined });
    if (!(fn instanceof Promise) && this.#earlier === undefined) return this.#begin(request, fn);
    const mine = (this.#earlier ?? Promise.resolve()).then(async () => {
      try {
        const ready = await fn;
        this.#functions.set(request.fn, ready);
        this.#begin(request, ready);
      } catch (error) {
        this.#failed(request, error);
      }
      if (this.#earlier === mine) this.#earlier = undefined;
    });
    this.#earlier = mine;
  }

  /** The worker is not interested in one any more. */
  cancel(id: number, reason: unknown): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    open.cancel?.(reason);
  }

  /** A call is cancelled, or (without one) the worker has ended: what was asked for ends with it, and is not answered. */
  cancelAll(reason: unknown, call?: number): void {
    for (const [id, open] of this.#open) if (call === undefined || open.call === call) this.cancel(id, reason);
  }

  #begin(request: Request, resolved: ResolvedFunction): void {
    const { id, name, captures, context, args } = request;
    const run = (): unknown => enterContext(context, () => (captures === undefined ? resolved : (resolved(captures) as ResolvedFunction))(...args));
    if (id === 0) return mainHost().schedule(run);
    const open = this.#open.get(id);
    if (open === undefined) return; // cancelled before it began
    const running = mainHost().run(name, run);
    open.cancel = (reason) => running.cancel(reason);
    running.outcome.then(
      (value) => this.#answer(request, VALUE, value),
      (error: unknown) => this.#answer(request, THROWN, packThrown(error)),
    );
  }

  /** Its function is not there. Where nobody waits for an answer the host reports it. */
  #failed(request: Request, error: unknown): void {
    if (request.id !== 0) return this.#answer(request, THROWN, packThrown(error));
    mainHost().schedule(() => {
      throw error;
    });
  }

  #answer({ id, name }: Request, kind: typeof VALUE | typeof THROWN, value: unknown): void {
    if (!this.#open.delete(id)) return;
    const transfer = kind === VALUE ? markedTransfers(value) : undefined;
    try {
      this.#send({ type: "answerBack", id, kind, value }, transfer);
    } catch (cause) {
      const error = diagnoseClone(value, "result", name, transfer ?? [], cause);
      this.#send({ type: "answerBack", id, kind: THROWN, value: packThrown(error) });
    }
  }
}

/** What resolves functions is loaded with the first that comes: most programs never need it on this side. */
async function resolve(payload: FunctionPayload, travel: TravelRules | undefined): Promise<ResolvedFunction> {
  const { resolveFunction } = await import("../function/arriving/resolve-function.js");
  return resolveFunction(arriving(payload, travel));
}
