// The caller of one call, as the host's pool sees it: its context, and the way back to it.
//
//   fromThread() on a worker ──▶ Far ── callBack ──▶ caller/backs.ts        answerBack ──▶ Far
import { type CallTimes, FunctionTravelError, messageOf } from "@offloop/workers/executor";
import { type BackRequest, type Contents, type ContextValues, type FarCaller, type FunctionPayload, type FunctionReference, leaving, modulesBelow, PACKED, type Parcel, THROWN, unpackParcel, unpackThrown } from "@offloop/workers/pool";
import { pack } from "../messages/codec.js";
import type { ToCaller, ToHost } from "../messages/messages.js";

type Answer = ToHost & { type: "answerBack" };

interface Open {
  readonly name: string;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One for each call that the host runs. */
export class Far implements FarCaller {
  readonly context: ContextValues | undefined;
  /** Two items keep the worker busy while one of them goes on to the caller, whose own window bounds the rest. */
  readonly streamWindow = 2;
  /** How long the call waited and ran here, when it has settled. */
  times: CallTimes | undefined;
  readonly #key: string;
  readonly #root: string;
  readonly #send: (message: ToCaller) => void;
  readonly #open = new Map<number, Open>();
  #lastId = 0;

  constructor(key: string, root: string, context: ContextValues | undefined, send: (message: ToCaller) => void) {
    this.#key = key;
    this.#root = root;
    this.context = context;
    this.#send = send;
  }

  timed(times: CallTimes): void {
    this.times = times;
  }

  request({ name, payload, args, context, answered }: BackRequest): { outcome: Promise<unknown>; cancel(reason: unknown): void } {
    const id = answered ? ++this.#lastId : 0;
    const fn = this.#reference(payload as FunctionPayload);
    const packed = pack(args, "args", name, "the caller");
    const outcome = new Promise((resolve, reject) => {
      if (answered) this.#open.set(id, { name, resolve, reject });
    });
    this.#send({ type: "callBack", key: this.#key, id, name, fn, packed, context: context && pack(context, "context", name, "the caller") });
    const cancel = (reason: unknown): void => {
      if (this.#open.delete(id)) this.#send({ type: "cancelBack", key: this.#key, id, reason: messageOf(reason) });
    };
    return { outcome, cancel };
  }

  #reference(payload: FunctionPayload): FunctionReference {
    try {
      return leaving(payload, modulesBelow(this.#root)) as FunctionReference;
    } catch (cause) {
      throw new FunctionTravelError(`${payload.name} cannot go back to a caller on another host. fromThread() takes an export of a module below the root there. ${messageOf(cause)}`, { cause });
    }
  }

  answered({ id, kind, value }: Answer): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    try {
      if (kind === THROWN) open.reject(unpackThrown(value as Contents));
      else open.resolve(kind === PACKED ? unpackParcel(value as Parcel, "the worker", open.name) : value);
    } catch (error) {
      open.reject(error);
    }
  }
}
