// Turns returned calls into reports for whoever asked to be told of each blocking call (`syncCalls`).
import type { ReturnedCall } from "../protocol/messages.js";
import type { SyncCall } from "../protocol/stall.js";
import { codeFrame } from "./code-frame.js";
import { describeFrame } from "./frames.js";
import { blockingCall } from "./read-mark.js";

/** Counts of this many places are kept; a program with more has other worries. */
const mostPlaces = 1_000;

export class SyncCallBook {
  readonly #allowed: readonly (string | RegExp)[];
  readonly #counts = new Map<string, number>();

  constructor(allowed: readonly (string | RegExp)[]) {
    this.#allowed = allowed;
  }

  /** `undefined` where the call is exempt: start-up, Node's own, allowed by block or by place. */
  enter(call: ReturnedCall): SyncCall | undefined {
    const known = blockingCall(call.call);
    if (call.allowed || !known || call.frames.some(({ file }) => file.startsWith("node:internal/modules/"))) return undefined;
    const stack = call.frames.map(describeFrame);
    const place = stack.find(({ origin }) => origin === "user");
    // A call that no line of the program made is a dependency's or Node's: nothing to be changed here.
    if (!place) return undefined;
    const at = `${place.file}:${place.line}`;
    if (this.#allowed.some((part) => (typeof part === "string" ? at.includes(part) : part.test(at)))) return undefined;
    const key = `${at} ${known.name}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > 1 || this.#counts.size < mostPlaces) this.#counts.set(key, count);
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
