// Receives what hosts send for calls, and settles them.
import { realTime, WorkerCrashedError } from "@offloop/workers/executor";
import { type Call, type CallBooks, type ChunkResult, unpackThrown } from "@offloop/workers/pool";
import { unpack } from "../messages/codec.js";
import { type ChunkMessage, type HostTimes, keyInJob, type ToCaller } from "../messages/messages.js";
import type { Attempt } from "./attempt.js";
import type { Backs } from "./backs.js";
import type { KnownHosts } from "./known-hosts.js";
import type { Rescue } from "./rescue.js";
import type { RoundTrip } from "./round-trip.js";

/** What a host sends for one call. */
export type Answer = Exclude<ToCaller, { type: "each" | "started" }>;

type Message<T extends ToCaller["type"]> = ToCaller & { readonly type: T };

/** The parts of the caller that answers change. */
export interface Answered {
  readonly books: CallBooks;
  readonly hosts: KnownHosts;
  readonly rescue: Rescue;
  readonly backs: Backs;
  readonly roundTrip: RoundTrip;
  /** Nothing more is expected of the attempt. */
  drop(attempt: Attempt): boolean;
}

/** Takes each message of a host to the attempt that it belongs to. */
export class Answers {
  readonly #caller: Answered;

  constructor(caller: Answered) {
    this.#caller = caller;
  }

  /** A host has sent something for one attempt, or the results of several. */
  receive(from: string, message: Answer, attemptOf: (key: string) => Attempt | undefined): void {
    if ("stats" in message) this.#caller.hosts.update(from, message.stats);
    if (message.type === "fulfilled") return this.#fulfilled(message, message.calls.map((call) => attemptOf(keyInJob(message.key, call))));
    const attempt = attemptOf(message.key);
    if (attempt === undefined) return;
    try {
      this.#take(from, message, attempt);
    } catch (error) {
      this.#caller.rescue.refuse(attempt, error as Error);
    }
  }

  #fulfilled({ packed, times }: Message<"fulfilled">, attempts: readonly (Attempt | undefined)[]): void {
    let read: { readonly values: unknown } | { readonly error: Error } | undefined;
    for (const [index, attempt] of attempts.entries()) {
      if (attempt === undefined) continue;
      const { call } = attempt;
      read ??= readValues(packed, call.name);
      this.#time(attempt, times[index]!);
      this.#measure(attempt, times[index]![0]);
      if ("error" in read && !call.settled) {
        this.#caller.rescue.refuse(attempt, read.error);
        continue;
      }
      this.#caller.drop(attempt);
      if (call.phase === "abandoned") call.finish();
      else if ("values" in read) this.#caller.books.fulfil(call, this.#resultOf(attempts.length === 1 ? read.values : (read.values as unknown[])[index], attempt));
    }
  }

  #take(from: string, message: Exclude<Answer, { type: "fulfilled" }>, attempt: Attempt): void {
    const { call } = attempt;
    switch (message.type) {
      case "items":
        return call.settled ? undefined : call.stream?.push(unpack(message.packed, "the caller", call.name) as unknown[]);
      case "progress":
        return call.progressed(unpack(message.packed, "the caller", call.name));
      case "callBack":
        return this.#caller.backs.receive(message, attempt, from);
      case "cancelBack":
        return this.#caller.backs.cancel(message, attempt);
      case "rejected": {
        const error = unpackThrown(message.thrown, stackOf(attempt), call.global);
        const { rescue } = this.#caller;
        this.#time(attempt, message.times);
        return error instanceof WorkerCrashedError ? rescue.crashed(attempt, { ...error.exit, host: attempt.hostName }, error.cause) : rescue.failed(attempt, error);
      }
      default:
        message satisfies never;
    }
  }

  /** Notes when the call began on a worker of the host, and how long it ran there. */
  #time({ call, claimedAt }: Attempt, [ms, queuedMs, measuredMs]: HostTimes): void {
    const runMs = measuredMs ?? (call.pinned ? ms : undefined);
    if (runMs === undefined || claimedAt === undefined) return;
    this.#caller.books.run.add(runMs);
    call.forecast(runMs);
    if (call.submittedAt !== undefined) call.ran = { begunAt: claimedAt + queuedMs, ms: runMs };
  }

  #resultOf(value: unknown, attempt: Attempt): unknown {
    const { call } = attempt;
    if (call.items === undefined) return value;
    const { values, failed, ms } = value as ChunkMessage;
    return { values, failed: failed && { error: unpackThrown(failed, stackOf(attempt), call.global) }, ms } satisfies ChunkResult<unknown>;
  }

  /** The time that a call takes beside its time at the host, if a host claimed it without delay. */
  #measure({ pushedAt, call }: Attempt, hostMs: number): void {
    if (call.stream === undefined) this.#caller.roundTrip.measured(realTime.now() - pushedAt - hostMs);
  }
}

function readValues(packed: Uint8Array, name: string): { readonly values: unknown } | { readonly error: Error } {
  try {
    return { values: unpack(packed, "the caller", name) };
  } catch (error) {
    return { error: error as Error };
  }
}

/** The lines below the stack of an error from a host: its name, and the caller's stack. */
function stackOf({ call, hostName }: { readonly call: Call; readonly hostName: string | undefined }): string {
  const { callerStack } = call;
  const where = `    (on host ${hostName ?? "unknown"})`;
  return callerStack === undefined ? where : `${where}\n${callerStack}`;
}
