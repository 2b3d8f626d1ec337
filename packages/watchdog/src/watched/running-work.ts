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
    // Something else than a Map stands in the global property.
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

/** A source may be JavaScript of any quality: only texts count. */
function nameFrom(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
