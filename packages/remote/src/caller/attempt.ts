// One attempt to run a call: it was pushed under a key of its own. A call whose host was lost may get another attempt.
import type { Call, Contents } from "@offloop/workers/pool";

export class Attempt {
  readonly key: string;
  readonly call: Call;
  /** Settles when the engine has the call. */
  pushed: Promise<void> = Promise.resolve();
  /** The host that has claimed it. */
  host: string | undefined;
  /** Why the call was told to stop. */
  stop: { readonly reason: Contents; readonly terminate: boolean } | undefined;
  readonly pushedAt: number;
  /** When its `started` arrived. */
  startedAt: number | undefined;

  constructor(key: string, call: Call, now: number) {
    this.key = key;
    this.call = call;
    this.pushedAt = now;
  }
}
