// A lane: one worker and the calls that it holds. It sends envelopes and keeps the books of slots;
// which call goes where, and what becomes of calls whose worker ends, the dispatcher decides.
//
//   starting ─▶ ready ─▶ closing ─▶ gone        (a kill or a crash goes to gone from anywhere)
import type { WorkerExit } from "../executor/errors.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { type FunctionDefinition, type FlatCalls, type FromWorker } from "../protocol/messages.js";
import type { Call } from "./call.js";
import type { WorkerChannel, WorkerKind } from "./worker-channel.js";

/** Who decides about a lane. */
export interface LaneOwner {
  laneReady(lane: Lane): void;
  laneSettled(lane: Lane, outcomes: unknown[]): void;
  laneExited(lane: Lane, exit: WorkerExit, cause: unknown): void;
}

/** What a call counts for at the least, in milliseconds: messages cost something too. */
const LEAST_MS = 0.001;

export class Lane {
  readonly id: number;
  phase: "starting" | "ready" | "closing" | "gone" = "starting";
  /** When it became idle, on the monotonic clock. */
  idleSince = performance.now();
  /** Expected milliseconds of the calls that it holds. */
  expectedMs = 0;
  /** When its worker last answered, or was first sent something. */
  heardAt = 0;
  readonly #channel: WorkerChannel;
  readonly #calls: (Call | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #known = new Set<number>();
  #held = 0;
  #sent = 0;

  constructor(id: number, kind: WorkerKind, owner: LaneOwner) {
    this.id = id;
    this.#channel = kind.start(id, {
      received: (message) => this.#received(message, owner),
      exited: (exit, cause) => owner.laneExited(this, { workerId: id, ...exit }, cause),
    });
  }

  /** How many calls the worker holds: sent and not answered. */
  get held(): number {
    return this.#held;
  }

  get idle(): boolean {
    return this.#held === 0;
  }

  get room(): number {
    return this.#channel.capacity - this.#held;
  }

  /** Whether a call that was sent can be taken back, and its start be seen: only with shared memory. */
  get shared(): boolean {
    return this.#channel.slots !== undefined;
  }

  /** The call in a slot. */
  at(slot: number): Call | undefined {
    return this.#calls[slot];
  }

  /** The calls that the worker holds, oldest first. */
  calls(): Call[] {
    return this.#calls.filter((call) => call !== undefined).sort((a, b) => a.sequence - b.sequence);
  }

  /**
   * Sends calls in one envelope; where it cannot be cloned, one by one.
   * @returns the calls that cannot be cloned, each with the error that says where
   */
  send(calls: readonly Call[]): [call: Call, error: Error][] {
    if (this.#held === 0) this.heardAt = performance.now();
    for (const call of calls) this.#put(call);
    const functions = this.#definitions(calls);
    try {
      this.#channel.send({ type: "run", functions, calls: flatten(calls) }, calls.length === 1 ? calls[0]!.options.transfer : undefined);
      for (const each of functions ?? []) this.#known.add(each.id);
      return [];
    } catch (cause) {
      if (calls.length > 1) {
        for (const call of calls) this.release(call);
        return calls.flatMap((call) => this.send([call]));
      }
      const call = calls[0]!;
      this.release(call);
      return [[call, diagnoseClone(call.args, "args", call.name, call.options.transfer ?? [], cause)]];
    }
  }

  /** Frees a call's slot: it is answered, or taken back. */
  release(call: Call): void {
    if (this.#calls[call.slot] !== call) return;
    this.#calls[call.slot] = undefined;
    this.#channel.slots?.free(call.slot);
    this.#freeSlots.push(call.slot);
    this.#held -= 1;
    this.expectedMs = this.#held === 0 ? 0 : Math.max(0, this.expectedMs - call.expectedMs);
    if (this.#held === 0) this.idleSince = performance.now();
  }

  /** Takes a call back that the worker has not begun. `false`: it has, or nobody can tell. */
  takeBack(call: Call): boolean {
    if (this.#channel.slots?.takeBack(call.slot, call.id) !== true) return false;
    this.release(call);
    return true;
  }

  /** How far the worker is with a call, and since when it runs, where shared memory tells. */
  progress(call: Call): { state: "queued" | "running" | "done"; startedAt: number } | undefined {
    const slots = this.#channel.slots;
    if (slots === undefined) return undefined;
    const state = slots.state(call.slot);
    return state === "free" ? undefined : { state, startedAt: slots.startedAt(call.slot) };
  }

  /** Tells the worker that a call is cancelled: by its word at once, and by a message for what waits asynchronously. */
  requestCancel(call: Call, reason: unknown): void {
    this.#channel.slots?.requestCancel(call.slot);
    try {
      this.#channel.send({ type: "cancel", slot: call.slot, id: call.id, reason });
    } catch {
      this.#channel.send({ type: "cancel", slot: call.slot, id: call.id, reason: String(reason) });
    }
  }

  close(): Promise<void> {
    this.phase = "closing";
    return this.#channel.close();
  }

  kill(): Promise<void> {
    this.phase = "gone";
    return this.#channel.kill();
  }

  #put(call: Call): void {
    const slot = this.#freeSlots.pop() ?? this.#calls.length;
    call.slot = slot;
    call.lane = this;
    this.#calls[slot] = call;
    this.#channel.slots?.put(slot, call.id);
    this.#held += 1;
    call.sequence = ++this.#sent;
    call.expectedMs = Math.max(LEAST_MS, call.entry?.expectedMs ?? 0);
    this.expectedMs += call.expectedMs;
  }

  #definitions(calls: readonly Call[]): FunctionDefinition[] | undefined {
    let definitions: Map<number, FunctionDefinition> | undefined;
    for (const { entry } of calls) {
      if (entry === undefined || this.#known.has(entry.id)) continue;
      definitions ??= new Map();
      definitions.set(entry.id, { id: entry.id, name: entry.name, payload: entry.payload });
    }
    return definitions && [...definitions.values()];
  }

  #received(message: FromWorker, owner: LaneOwner): void {
    if (this.phase === "gone") return;
    switch (message.type) {
      case "ready":
        if (this.phase === "starting") this.phase = "ready";
        return owner.laneReady(this);
      case "settled":
        this.heardAt = performance.now();
        return owner.laneSettled(this, message.outcomes);
      default:
        message satisfies never;
    }
  }
}

function flatten(calls: readonly Call[]): FlatCalls {
  const flat: FlatCalls = [];
  for (const call of calls) flat.push(call.id, call.entry!.id, call.slot, call.args, call.options.name);
  return flat;
}
