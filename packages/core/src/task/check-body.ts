// The check of the body of a timeout, a scope or a group.
import { invalidArgument } from "@offloop/workers/executor";

/** @param write how to call `of` @throws InvalidArgumentError */
export function checkBody(of: string, body: unknown, write: string): void {
  if (typeof body !== "function") throw invalidArgument(of, "an async function to run", body, write);
}
