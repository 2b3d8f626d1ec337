// Listeners on diagnostics channels, for the length of a test.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";

/** Calls `listener` with each event of a channel until the test has ended. @returns ends it before */
export function on<T>(name: string, listener: (event: T) => void): () => void {
  const stop = (): void => void unsubscribe(name, listener as never);
  subscribe(name, listener as never);
  onTestFinished(stop);
  return stop;
}
