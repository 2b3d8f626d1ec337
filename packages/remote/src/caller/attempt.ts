// One attempt to run a call, and the job in which it was pushed. A call whose host was lost may get another attempt.
import { randomUUID } from "node:crypto";
import { realTime } from "@offloop/workers/executor";
import type { Call, Contents } from "@offloop/workers/pool";

/** What the caller knows of one attempt. `rescue.ts` decides whether another one follows. */
export class Attempt {
  readonly key: string;
  readonly call: Call;
  /** The job in the queue; `undefined`: a host has made the call, for a broadcast. */
  readonly job: Job | undefined;
  /** Another key under which its host sends for it. */
  readonly alias: string | undefined;
  readonly pushedAt = realTime.now();
  /** The host that has claimed it. */
  host: string | undefined;
  hostName: string | undefined;
  /** When its claim was heard of. */
  claimedAt: number | undefined;
  /** Whether the call leaves the queue, if it is still there. */
  leaves = false;
  /** Why the call was told to stop. */
  stop: { readonly reason: Contents; readonly terminate: boolean } | undefined;

  constructor(key: string, call: Call, job: Job | undefined, alias?: string) {
    this.key = key;
    this.call = call;
    this.job = job;
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

/** One entry of the queue. */
export class Job {
  readonly key = randomUUID();
  /** The attempts of which something is expected. */
  readonly attempts = new Set<Attempt>();
  /** Settles when the engine has the job. */
  pushed: Promise<void> = Promise.resolve();
  /** Whether it was taken out of the queue, once somebody has asked for that. */
  taken: Promise<boolean> | undefined;
}
