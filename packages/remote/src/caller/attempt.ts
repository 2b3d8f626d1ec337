// One attempt to run a call: it was pushed under a key of its own. A call whose host was lost may get another attempt.
import { realTime } from "@offloop/workers/executor";
import type { Call, Contents } from "@offloop/workers/pool";

/** What the caller knows of one attempt. `rescue.ts` decides whether another one follows. */
export class Attempt {
  readonly key: string;
  /** Another key under which its host sends for it. */
  readonly alias: string | undefined;
  declare call: Call;
  readonly pushedAt = realTime.now();
  /** Settles when the engine has the call. */
  pushed: Promise<void> = Promise.resolve();
  /** The host that has claimed it. */
  host: string | undefined;
  hostName: string | undefined;
  /** When its claim was heard of. */
  claimedAt: number | undefined;
  /** Why the call was told to stop. */
  stop: { readonly reason: Contents; readonly terminate: boolean } | undefined;

  constructor(key: string, alias?: string) {
    this.key = key;
    this.alias = alias;
  }

  claimedBy(host: string, hostName: string): void {
    this.host = host;
    this.hostName = hostName;
    this.claimedAt = realTime.now();
    this.call.host = hostName;
    if (this.call.submittedAt !== undefined) this.call.sentAt = this.claimedAt;
  }
}
