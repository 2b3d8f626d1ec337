// Recognises a stall in which modules were loaded while the loop ran: what began it, and what took longest.
import type { Capture } from "../protocol/messages.js";
import { type Chosen, sameFunction, type Stack } from "./choose-place.js";
import { packageOf } from "./frames.js";
import type { StackFrame } from "../protocol/stall.js";

/** The loader holds the loop if this share of the samples shows it below the place. */
const LOADING_SHARE = 0.6;

export interface Loading {
  /** The function that began it. */
  readonly begun: Chosen;
  /** How many CommonJS modules were loaded between the first sample and the last; 0: unknown. */
  readonly modules: number;
  /** The package or file that most samples were loading, of those that `begun` asked for. */
  readonly slowest: string | undefined;
}

/** @param chosen the place that was chosen from `stacks` @returns `undefined`: the place does not wait for the loader */
export function loadingOf(chosen: Chosen, stacks: readonly Stack[], captures: readonly Capture[]): Loading | undefined {
  const place = chosen.index === undefined ? undefined : chosen.stack[chosen.index];
  const loads = stacks.filter((stack) => {
    const loader = stack.findIndex(isLoader);
    return loader >= 0 && loader < stack.findIndex((frame) => sameFunction(frame, place));
  });
  if (!place || loads.length === 0 || loads.length < stacks.length * LOADING_SHARE) return undefined;
  const [stack] = loads as [Stack];
  const index = beginningOf(stack);
  if (index === undefined) return undefined;
  const counts = captures.flatMap(({ modules }) => modules ?? []);
  return { begun: { stack, index }, modules: counts.length === 0 ? 0 : counts.at(-1)! - counts[0]!, slowest: slowestOf(loads) };
}

export function isLoader({ file }: Pick<StackFrame, "file">): boolean {
  return file.startsWith("node:internal/modules/");
}

/** The frame that called the loader first: of the program, else of a dependency. */
function beginningOf(stack: Stack): number | undefined {
  const loader = stack.findLastIndex(isLoader);
  for (const wanted of ["user", "dependency"]) {
    const index = stack.findIndex(({ origin }, at) => at > loader && origin === wanted);
    if (index >= 0) return index;
  }
  return undefined;
}

/** Of the modules that the first call of the loader asked for, the one that most samples were loading. */
function slowestOf(loads: readonly Stack[]): string | undefined {
  const votes = new Map<string, number>();
  for (const stack of loads) {
    const loader = stack.findLastIndex(isLoader);
    const module = stack.findLast((frame, at) => at < loader && frame.origin !== "node");
    if (!module) continue;
    const name = packageOf(module) ?? module.file;
    votes.set(name, (votes.get(name) ?? 0) + 1);
  }
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
