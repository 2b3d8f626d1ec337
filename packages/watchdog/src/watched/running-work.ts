// Asks the sources of the hook (hook.ts) what runs now. Called in the middle of a stall.
import { runningSources, type RunningWork } from "../hook.js";

/** The first task and the first request that a source names. */
export function runningWork(): RunningWork {
  let task: string | undefined;
  let request: string | undefined;
  try {
    for (const source of runningSources().values()) {
      const work = ask(source);
      task ??= nameFrom(work?.task);
      request ??= nameFrom(work?.request);
    }
  } catch {
    // The global property does not hold a Map.
  }
  return { task, request };
}

function ask(source: () => RunningWork | undefined): RunningWork | undefined {
  try {
    return source();
  } catch {
    return undefined;
  }
}

/** Accepts only texts, because a source may return anything. */
function nameFrom(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
