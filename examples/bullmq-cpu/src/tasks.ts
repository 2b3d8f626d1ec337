// What the jobs do. The same functions run in place, in BullMQ's sandbox and on an offloop pool.
import { appendFileSync } from "node:fs";
import { taskContext } from "offloop";

export interface Burn {
  /** Milliseconds of computing. */
  readonly ms: number;
  /** The file in which each run notes its begin. */
  readonly file: string;
}

function burn(ms: number, look: () => void): void {
  for (const end = performance.now() + ms; performance.now() < end; ) look();
}

/** Computes, and looks at nothing. */
export function compute({ ms, file }: Burn): string {
  appendFileSync(file, "run ");
  burn(ms, () => {});
  return "computed";
}

/** Computes, and stops when its call is cancelled. */
export function computeLooking({ ms, file }: Burn): string {
  appendFileSync(file, "run ");
  burn(ms, () => taskContext().throwIfCancelled());
  return "computed";
}

/** A job that is over at once. */
export const small = (data: { readonly n: number }): number => data.n + 1;
