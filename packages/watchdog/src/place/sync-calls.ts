// Turns marked calls that returned into sync calls, for the option `syncCalls`.
import type { ReturnedCall } from "../protocol/messages.js";
import type { SyncCall } from "../protocol/stall.js";
import { codeFrame } from "./code-frame.js";
import { describeFrame } from "./frames.js";
import { blockingCall } from "./read-mark.js";

/** The number of places that are counted. The calls at further places are reported with a count of 1. */
const MOST_PLACES = 1_000;

export class SyncCallBook {
  readonly #allowed: readonly (string | RegExp)[];
  readonly #counts = new Map<string, number>();

  constructor(allowed: readonly (string | RegExp)[]) {
    this.#allowed = allowed;
  }

  /** Enters a call. @returns `undefined`: the call is exempt, because it belongs to start-up, to Node, to a dependency, or is allowed */
  enter(call: ReturnedCall): SyncCall | undefined {
    const known = blockingCall(call.call);
    if (call.allowed || !known || call.frames.some(({ file }) => file.startsWith("node:internal/modules/"))) return undefined;
    const stack = call.frames.map(describeFrame);
    const place = stack.find(({ origin }) => origin === "user");
    // Without a frame of the program, a dependency or Node made the call, and the program cannot change it.
    if (!place) return undefined;
    const at = `${place.file}:${place.line}`;
    if (this.#allowed.some((part) => (typeof part === "string" ? at.includes(part) : part.test(at)))) return undefined;
    const key = `${at} ${known.name}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > 1 || this.#counts.size < MOST_PLACES) this.#counts.set(key, count);
    const { file, line, column, function: name } = place;
    return {
      name: known.name,
      argument: call.argument,
      durationMs: Math.round(call.durationMs * 1000) / 1000,
      place: { file, line, column, function: name },
      stack,
      codeFrame: codeFrame(place),
      task: call.task,
      instead: known.instead,
      count,
    };
  }
}
