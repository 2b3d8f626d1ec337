// The executors of this thread, as they are now.

/** One executor at one moment. */
export interface LivingExecutor {
  readonly kind: string;
  readonly name: string;
  readonly queued: number;
  readonly running: number;
  readonly workers: number;
  /** From 0 to 1. */
  readonly saturation: number;
}

interface PoolState {
  readonly kind: string;
  readonly maxWorkers: number;
  readonly queued: number;
  readonly workers: readonly { readonly phase: string; readonly call: string | undefined; readonly held: number }[];
}

/** The pools that have workers or a queue, by the state that `@offloop/workers` publishes for tools: it has the largest number of workers. */
export function livingExecutors(): LivingExecutor[] {
  const sources = (globalThis as { [sources: symbol]: Map<string, () => { readonly pools?: readonly PoolState[] }> | undefined })[Symbol.for("offloop.state.v1")];
  return [...(sources?.values() ?? [])].flatMap((read) => read().pools ?? []).map(({ kind, maxWorkers, queued, workers }) => {
    const busy = workers.filter(({ call }) => call !== undefined);
    return { kind, name: kind, queued, running: busy.reduce((sum, { held }) => sum + 1 + held, 0), workers: workers.length, saturation: Math.min(1, busy.length / maxWorkers) };
  });
}
