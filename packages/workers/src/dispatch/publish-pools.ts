// Publishes the pools of this thread through a global hook. Tools that look into the process, such as `offloop dump`, read
// it without importing this package. Nothing is recorded for it: a reader pays for what it reads.
//
//   globalThis[Symbol.for("offloop.state.v1")]: a Map from a library's key to a function that returns its state, as JSON
import type { Fleet } from "./fleet.js";
import type { Lane } from "./lane.js";
import type { WorkerLocation } from "./worker-kind.js";

/** A pool, for tools. */
export interface PoolState {
  readonly kind: string;
  readonly name: string;
  readonly maxWorkers: number;
  readonly queued: number;
  /** The number of calls whose futures are settled. */
  readonly settled: number;
  readonly workers: readonly WorkerState[];
}

interface WorkerState {
  readonly id: number;
  readonly location: WorkerLocation | undefined;
  readonly phase: string;
  /** The name of the call that it runs, or begins next. */
  readonly call: string | undefined;
  /** The milliseconds for which it has run the call; `undefined`: it has not begun, or shares no memory with this thread. */
  readonly runMs: number | undefined;
  /** The mean run time of the call's function, in milliseconds; `undefined`: no call of it has ended. */
  readonly meanMs: number | undefined;
  /** The number of further calls that it has. */
  readonly held: number;
}

/** A pool whose state can be read. */
export interface Published {
  state(): PoolState;
}

const pools = new Set<WeakRef<Published>>();
const collected = new FinalizationRegistry<WeakRef<Published>>((pool) => pools.delete(pool));

/** Shows a pool to tools, for as long as it lives. */
export function publishPool(pool: Published): void {
  const reference = new WeakRef(pool);
  pools.add(reference);
  collected.register(pool, reference);
}

/** The state of each worker of a fleet. */
export function workerStates({ all }: Fleet): WorkerState[] {
  return [...all].map(workerState);
}

function workerState(lane: Lane): WorkerState {
  const calls = lane.calls();
  const running = calls.find((call) => lane.ranFor(call) > 0);
  const call = running ?? calls[0];
  const meanMicros = call?.profile?.expectedMicros ?? 0;
  return { id: lane.id, location: lane.location, phase: lane.phase === "ready" && lane.idle ? "idle" : lane.phase, call: call?.name, runMs: running && lane.ranFor(running), meanMs: meanMicros === 0 ? undefined : meanMicros / 1000, held: Math.max(0, calls.length - 1) };
}

const realm = globalThis as { [sources: symbol]: Map<string, () => unknown> | undefined };
const sources = (realm[Symbol.for("offloop.state.v1")] ??= new Map());
sources.set(`@offloop/workers ${sources.size + 1}`, () => ({
  pools: [...pools].map((pool) => pool.deref()?.state()).filter((state) => state !== undefined && (state.queued > 0 || state.workers.length > 0)),
}));
