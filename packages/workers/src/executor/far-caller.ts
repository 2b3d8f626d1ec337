// A caller on another host. An executor that runs calls of such callers passes it as the option `far` of the call. The
// context of the call is then the far one, and what the function requests by fromThread() goes to the far caller.
import type { CallTimes } from "./channels.js";
import type { ContextValues } from "./propagate.js";

/** What a function requests of its caller by `fromThread` or `callSoonThreadsafe`. */
export interface BackRequest {
  /** The name of the function in errors and events. */
  readonly name: string;
  /** The function, as the worker names it: a `FunctionPayload`. */
  readonly payload: unknown;
  /** The arguments, as the function receives them. */
  readonly args: unknown[];
  /** The values of context variables that crossed with the request. */
  readonly context: ContextValues | undefined;
  /** Whether the worker waits for the outcome. */
  readonly answered: boolean;
}

/** The caller of a call that came from elsewhere. */
export interface FarCaller {
  /** The context of the call, as it was captured there. */
  readonly context: ContextValues | undefined;
  /** The number of items of a stream that may be on their way from the worker: the far caller has a window of its own. */
  readonly streamWindow: number;
  /** The call is about to settle: how long it waited for a worker of the host, and ran. */
  timed?(times: CallTimes): void;
  /** Runs a request at the caller. @throws FunctionTravelError the function cannot go there */
  request(request: BackRequest): { readonly outcome: PromiseLike<unknown>; cancel(reason: unknown): void };
}
