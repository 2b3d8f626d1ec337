// A fake kind of worker: the test makes it ready, makes it begin and answer calls, and makes it exit. Its shared
// words are real.
import type { StartedWorker, WorkerKind, WorkerListener } from "#workers/dispatch/worker-kind.js";
import type { WorkerExit } from "#workers/executor/errors.js";
import { packThrown } from "#workers/protocol/parcel.js";
import { type CallExtras, type FlatCalls, ROW_HEAD, SKIPPED, THROWN, type ToWorker, VALUE } from "#workers/protocol/messages.js";
import { Slots, toShared } from "#workers/protocol/slots.js";
import type { VirtualWorld } from "./virtual-world.js";

export interface FakeOptions {
  /** Whether it has shared memory, as threads have. @default true */
  readonly shared?: boolean;
  /** The largest number of calls that it holds. @default 16 */
  readonly capacity?: number;
  /** Whether a kill is followed by the exit at once, or by the test's own `exit`. @default true */
  readonly diesAtOnce?: boolean;
}

/** A call as it has crossed. */
export interface CrossedCall {
  readonly id: number;
  readonly slot: number;
  readonly args: unknown[];
  readonly extras: CallExtras | undefined;
}

export class FakeKind implements WorkerKind {
  readonly name = "thread";
  readonly workers: FakeWorker[] = [];
  readonly #world: VirtualWorld;
  readonly #options: FakeOptions;

  constructor(world: VirtualWorld, options: FakeOptions = {}) {
    this.#world = world;
    this.#options = options;
  }

  /** The workers that have not exited. */
  get alive(): FakeWorker[] {
    return this.workers.filter((worker) => !worker.gone);
  }

  start(listener: WorkerListener): StartedWorker {
    const worker = new FakeWorker(this.#world, listener, this.#options);
    this.workers.push(worker);
    return worker;
  }
}

export class FakeWorker implements StartedWorker {
  readonly slots: Slots | undefined;
  readonly capacity: number;
  readonly received: ToWorker[] = [];
  /** The number of calls in each message. */
  readonly envelopes: number[] = [];
  readonly #world: VirtualWorld;
  readonly #listener: WorkerListener;
  readonly #diesAtOnce: boolean;
  /** Calls that were sent to it and that it has not begun, including those that were taken back. */
  queue: CrossedCall[] = [];
  #begun: CrossedCall | undefined;
  #busyMs = 0;
  #busyAt = 0;
  #cancelled = new Set<number>();
  opened = false;
  /** The share of its time for which it uses a processor, from now on. */
  busyShare = 1;
  closing = false;
  killed = false;
  gone = false;

  constructor(world: VirtualWorld, listener: WorkerListener, { shared = true, capacity = 16, diesAtOnce = true }: FakeOptions) {
    this.#world = world;
    this.#listener = listener;
    this.#diesAtOnce = diesAtOnce;
    this.capacity = capacity;
    this.slots = shared ? new Slots(capacity) : undefined;
  }

  send(message: ToWorker): void {
    if (this.gone) return;
    this.received.push(message);
    if (message.type === "run") {
      const calls = readCalls(message.calls);
      this.envelopes.push(calls.length);
      this.queue.push(...calls);
    }
    if (message.type === "cancel") this.#cancelled.add(message.id);
    if (message.type === "close") this.closing = true;
  }

  requestCancel(slot: number): void {
    this.slots?.requestCancel(slot);
  }

  poll(): void {}

  busyMs(): number {
    const now = this.#world.now();
    this.#busyMs += (now - this.#busyAt) * this.busyShare;
    this.#busyAt = now;
    return this.#busyMs;
  }

  /**
   * Sends any message, as code that writes to the channel can. As in the transports, what the main side throws ends the worker.
   * @returns whether the message was taken
   */
  sends(message: unknown): boolean {
    try {
      this.#tell(message as never);
      return true;
    } catch (error) {
      this.exit({}, error);
      return false;
    }
  }

  /** The function of its running call requests a function of the caller. */
  callsBack(id: number): void {
    this.#tell({ type: "callBack", id, call: this.#begun!.id, fn: 1, name: "back", args: [], context: undefined, payload: { kind: "reference", module: "file:///never.js", export: "never", loader: "import", name: "never" } } as never);
  }

  close(): void {
    this.closing = true;
  }

  kill(): void {
    this.killed = true;
    if (this.#diesAtOnce) this.#world.nextTurn(() => this.exit());
  }

  /** The number of calls that were sent to it and that it has not begun, including those that were taken back. */
  get queued(): number {
    return this.queue.length;
  }

  /** The call that it runs. */
  get running(): CrossedCall | undefined {
    return this.#begun;
  }

  /** Whether the running call has been told to stop. */
  get told(): boolean {
    return this.#begun !== undefined && this.#cancelled.has(this.#begun.id);
  }

  open(): void {
    this.opened = true;
    this.#tell({ type: "ready" });
  }

  /** Begins the next call that was not taken back. @returns the call; `undefined` without one */
  begin(): CrossedCall | undefined {
    if (this.#begun !== undefined || !this.opened || this.gone) return undefined;
    for (let call = this.queue.shift(); call !== undefined; call = this.queue.shift()) {
      if (this.slots !== undefined) {
        if (this.slots.claim(call.slot, call.id, toShared(this.#world.now()))) return (this.#begun = call);
      } else if (this.#cancelled.has(call.id)) this.#tell({ type: "settled", outcomes: [call.id, call.slot * 8 + SKIPPED, undefined], ms: [0] });
      else {
        if (call.extras?.timed) this.#tell({ type: "began", slot: call.slot, id: call.id });
        return (this.#begun = call);
      }
    }
    return undefined;
  }

  /** Answers the running call. @param ms the run time that it reports */
  answer(value: unknown, ms = 0.01): void {
    this.#settle(VALUE, value, ms);
  }

  fail(error: unknown, ms = 0.01): void {
    this.#settle(THROWN, packThrown(error), ms);
  }

  /** Runs its calls one after another, and reports this run time for each. @returns the number of calls */
  runAll(ms = 0.01): number {
    let count = 0;
    for (; this.begin() !== undefined; count += 1) this.answer(count, ms);
    return count;
  }

  grow(): void {
    this.#tell({ type: "worn" });
  }

  exit(exit: Omit<WorkerExit, "workerId"> = { exitCode: 1 }, cause?: unknown): void {
    if (this.gone) return;
    this.gone = true;
    this.queue = [];
    this.#listener.exited(exit, cause);
  }

  #settle(kind: number, value: unknown, ms: number): void {
    const { slot, id } = this.#begun!;
    this.#begun = undefined;
    this.slots?.finish(slot, id, ms);
    this.#tell(this.slots === undefined ? { type: "settled", outcomes: [id, slot * 8 + kind, value], ms: [ms] } : { type: "settled", outcomes: [id, slot * 8 + kind, value] });
  }

  #tell(message: Parameters<WorkerListener["received"]>[0]): void {
    if (!this.gone) this.#listener.received(message);
  }
}

function readCalls(flat: FlatCalls): CrossedCall[] {
  const calls: CrossedCall[] = [];
  for (let at = 0; at < flat.length; ) {
    const shape = flat[at + 1] as number;
    const count = flat[at + 2] as number;
    at += ROW_HEAD;
    for (let index = 0; index < count; index += 1) {
      const [id, slot] = [flat[at] as number, flat[at + 1] as number];
      const args = Array.from({ length: shape >> 1 }, (_, arg) => flat[at + 2 + arg]);
      at += 2 + args.length;
      calls.push({ id, slot, args, extras: (shape & 1) === 1 ? (flat[at++] as CallExtras) : undefined });
    }
  }
  return calls;
}
