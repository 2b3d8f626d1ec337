// Detects values that are not copied when they are passed: they stay on their side, or are sent in a form of their own.
import { types } from "node:util";
import { isProxied } from "./proxy.js";
import { peerOf } from "./remote.js";

/** Whether a value is marked, remote, or an AbortSignal. */
export function staysHere(value: unknown): boolean {
  return isProxied(value) || (!types.isProxy(value) && value instanceof AbortSignal) || peerOf(value) !== undefined;
}
