// The way back: runs here what functions on hosts request by fromThread(). A host gets only exports of modules that this
// caller has named in its calls, or that those import.
//
//   host/far.ts ── callBack ──▶ Backs ──▶ BackCalls of @offloop/workers ── answerBack ──▶ host/far.ts
import { type ContextValues, arriving, BackCalls, type FunctionPayload, modulesBelow } from "@offloop/workers/pool";
import { unpack } from "../messages/codec.js";
import type { ToCaller, ToHost } from "../messages/messages.js";
import type { Attempt } from "./attempt.js";

type Message<T extends ToCaller["type"]> = ToCaller & { readonly type: T };

/** The ways back of all attempts, each with functions and requests of its own. */
export class Backs {
  readonly #root: string;
  readonly #tell: (host: string, message: ToHost) => void;
  readonly #backs = new Map<string, BackCalls>();
  /** The functions that hosts were given, as this side finds them. */
  readonly #given = new Set<FunctionPayload>();
  #lastFunction = 0;

  constructor(root: string, tell: (host: string, message: ToHost) => void) {
    this.#root = root;
    this.#tell = tell;
  }

  /** A call of this function is sent. */
  give(payload: FunctionPayload): void {
    this.#given.add(arriving(payload, modulesBelow(this.#root)));
  }

  receive({ id, key, name, fn, packed, context }: Message<"callBack">, attempt: Attempt, host: string): void {
    let back = this.#backs.get(key);
    if (back === undefined) this.#backs.set(key, (back = this.#open(attempt, host)));
    const args = unpack(packed, "the caller", name) as unknown[];
    const values = context && (unpack(context, "the caller", name) as ContextValues);
    back.receive({ type: "callBack", id, call: 0, name, fn: ++this.#lastFunction, payload: fn, args, ...(values === undefined ? {} : { context: values }) }, attempt.call.context);
  }

  #open({ key }: Attempt, host: string): BackCalls {
    const send = (message: { readonly type: string }): void => {
      const { id, kind, value } = message as ToHost & { type: "answerBack" };
      this.#tell(host, { type: "answerBack", key, id, kind, value });
    };
    const back = new BackCalls("process", send, modulesBelow(this.#root), [], () => {}, true);
    for (const payload of this.#given) back.give(payload);
    return back;
  }

  cancel({ id, reason }: Message<"cancelBack">, { key }: Attempt): void {
    this.#backs.get(key)?.cancel(id, reason);
  }

  /** The attempt has ended: cancels what it has requested. */
  end({ key }: Attempt, reason: unknown): void {
    this.#backs.get(key)?.cancelAll(reason);
    this.#backs.delete(key);
  }
}
