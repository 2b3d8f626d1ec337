// The target of a remote object: one object on the other side (peer.ts), or an actor in its current worker
// (actor/actor-life.ts).

import type { Member } from "./member.js";
import type { RemoteCall } from "./remote-call.js";
import type { Ran } from "./values.js";

/** Is told of the steps of one call. */
export interface RequestWatch {
  /** The call goes to a worker. */
  sent(workerId: number): void;
  /** The worker has run it. */
  ran(measured: Ran): void;
}

/** Makes a request, and publishes its steps if somebody listens. */
export type ObserveRequest = (callName: string, request: (watch: RequestWatch | undefined) => RemoteCall<unknown>) => RemoteCall<unknown>;

/** What is asked of a member. */
export type How = "call" | "construct" | "get";

/** Options of one call. */
export interface RequestOptions {
  /** Cancels the call: it rejects at once, and the method sees `taskContext().signal`. */
  readonly signal?: AbortSignal | undefined;
  /** The signals among the arguments outlive the call, because the object that it constructs uses them. */
  readonly lasting?: boolean | undefined;
  /** The caller's stack is taken above this function. */
  readonly above?: ((...args: never[]) => unknown) | undefined;
  /** With it, the other side measures the call. */
  readonly watch?: RequestWatch | undefined;
}

/** A target of calls. */
export interface Callee {
  /** Never throws: the call rejects. */
  request(how: How, member: Member, args: readonly unknown[], options: RequestOptions): RemoteCall<unknown>;
  /** Tells the other side that the target is no longer needed. */
  release(): void;
  /** Ends the target. Only actors have it. */
  dispose?(): Promise<void>;
}
