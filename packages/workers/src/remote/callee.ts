// Whom a remote object asks: one object over there (peer.ts), or an actor whatever worker it lives in
// at the moment (actor/actor-life.ts).

/** What a call may bring along. */
export interface RequestOptions {
  /** Cancels the call: it rejects at once, and the method sees `taskContext().signal`. */
  readonly signal?: AbortSignal | undefined;
  /** The signals among the arguments outlive the call: it constructs what uses them. */
  readonly lasting?: boolean | undefined;
  /** The caller's stack is taken above this function. */
  readonly above?: Function | undefined;
}

/** Something to be asked. */
export interface Callee {
  request(how: "call" | "construct" | "get", path: readonly string[], args: readonly unknown[], options: RequestOptions): Promise<unknown>;
  /** It is no longer needed. */
  release(): void;
  /** Ends it: actors alone can be ended. */
  dispose?(): Promise<void>;
}
