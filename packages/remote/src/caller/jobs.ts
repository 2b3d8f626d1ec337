// Puts calls into the queue. Short calls that are made in one turn share a job, because engine and host take longer for a job
// than for such a call.
//
//   push ─▶ gathered ── end of the turn ──▶ a job for calls of one function ──▶ queue
//
// A host claims a job as a whole, and its calls may then wait there for a worker. So a job holds little work, and the calls of
// a turn are divided among all workers. A call alone in its job: until its function has been measured, if it is long, large, a
// chunk of `map` or a stream, and after its worker or host was lost.
import { randomUUID } from "node:crypto";
import { type Call, realWorld } from "@offloop/workers/pool";
import { purposeOfCall } from "../messages/codec.js";
import { type JobMessage, keyInJob } from "../messages/messages.js";
import type { ResolvedRemoteOptions } from "../options/remote-options.js";
import { Attempt } from "./attempt.js";
import { bounded, type PackedCall, packedCall, sharedPart } from "./call-message.js";
import type { Connection } from "./connection.js";

/** The most calls of a job. With more, a call waits longer for its job's end than it saves. A guess. */
const MOST_CALLS = 64;

/** The expected work of a job with several calls, in microseconds: some round trips. A guess. */
const MOST_MICROS = 2_000;

/** The bytes of arguments in a job with several calls. Engines keep so many inside their records. */
const MOST_BYTES = 2 ** 14;

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

/** The parts of the caller that jobs use. */
export interface Pushing {
  readonly connection: Connection;
  /** The number of workers of all hosts. */
  readonly capacity: number;
  follow(attempt: Attempt): void;
  reject(call: Call, error: unknown): void;
  /** The engine refused the job. */
  failed(attempt: Attempt, error: unknown): void;
  /** The job was taken back for the sake of another call: pushes the call again. */
  again(attempt: Attempt): void;
}

/** The jobs of one caller, from `push` until nothing is expected of their calls. */
export class Jobs {
  readonly #caller: Pushing;
  readonly #options: ResolvedRemoteOptions;
  readonly #jobs = new Map<string, Job>();
  #gathered: Call[] = [];

  constructor(caller: Pushing, options: ResolvedRemoteOptions) {
    this.#caller = caller;
    this.#options = options;
  }

  /** Puts a call in the phase `queued` into the queue, at the end of the turn. */
  push(call: Call): void {
    this.#gathered.push(call);
    if (this.#gathered.length === 1) realWorld.soon(() => this.#flush());
  }

  /** The attempts of a job of which something is expected. */
  attemptsOf(key: string): Attempt[] {
    return [...(this.#jobs.get(key)?.attempts ?? [])];
  }

  #flush(): void {
    const calls = this.#gathered.filter(({ phase }) => phase === "queued"); // the others were stopped
    this.#gathered = [];
    let open: PackedCall[] = [];
    let bytes = 0;
    const close = (): void => {
      if (open.length > 0) this.#send(open);
      open = [];
      bytes = 0;
    };
    for (const call of calls) {
      let packed: PackedCall;
      try {
        packed = packedCall(call);
      } catch (error) {
        this.#caller.reject(call, call.blame(error as Error));
        continue;
      }
      const [first] = open;
      bytes += packed.packed.length;
      if (first !== undefined && (bytes > MOST_BYTES || !areAlike(first.call, call) || open.length >= Math.min(this.#most(first.call, calls.length), this.#most(call, calls.length)))) {
        close();
        bytes = packed.packed.length;
      }
      open.push(packed);
    }
    close();
  }

  /** The number of calls in the job of this call. @param made the number of calls in this turn */
  #most(call: Call, made: number): number {
    const { profile, items, alone } = call;
    if (alone || items !== undefined || profile!.expectedMicros === 0) return 1;
    return Math.min(MOST_CALLS, MOST_MICROS / profile!.expectedMicros, Math.ceil(made / Math.max(1, this.#caller.capacity)));
  }

  #send(calls: readonly PackedCall[]): void {
    const { queue, transport } = this.#options;
    const { connection } = this.#caller;
    const [{ call }] = calls as [PackedCall];
    const job = new Job();
    const { key } = job;
    const message: JobMessage = {
      ...sharedPart(call, connection.id),
      key,
      packed: calls.length === 1 ? calls[0]!.packed : Buffer.concat(calls.map(({ packed }) => packed)),
      lengths: calls.map(({ packed }) => packed.length),
      contexts: calls.some(({ context }) => context !== undefined) ? calls.map(({ context }) => context) : undefined,
    };
    let body: Buffer;
    try {
      body = bounded(call, connection.codec.write(purposeOfCall(queue, key), message), transport);
    } catch (error) {
      for (const each of calls) this.#caller.reject(each.call, each.call.blame(error as Error));
      return;
    }
    this.#jobs.set(key, job);
    for (const [index, each] of calls.entries()) {
      each.call.send();
      const attempt = new Attempt(keyInJob(key, index, calls.length), each.call, job);
      job.attempts.add(attempt);
      this.#caller.follow(attempt);
    }
    job.pushed = connection.line().then((line) => line.push(queue, { key, name: call.name, priority: call.priority, body }));
    job.pushed.catch((error: unknown) => {
      for (const attempt of job.attempts) this.#caller.failed(attempt, error);
    });
  }

  /** Nothing more is expected of the attempt. */
  dropped(attempt: Attempt): void {
    const { key, attempts } = attempt.job!;
    attempts.delete(attempt);
    if (attempts.size > 0) return;
    this.#jobs.delete(key);
    void this.#caller.connection.line().then((line) => line.settled(key)).catch(() => {}); // a closed transport has nothing to forget
  }

  /** Takes the job of a call out of the queue, and pushes its other calls again. @returns whether no host has the call, or will get it */
  takeBack(attempt: Attempt): Promise<boolean> {
    const job = attempt.job!;
    attempt.leaves = true;
    job.taken ??= this.#takeBack(job);
    return job.taken;
  }

  async #takeBack({ key, pushed, attempts }: Job): Promise<boolean> {
    await pushed;
    const taken = await (await this.#caller.connection.line()).takeBack(this.#options.queue, key);
    if (taken) for (const attempt of attempts) if (!attempt.leaves) this.#caller.again(attempt);
    return taken;
  }
}

/** Whether two calls differ in nothing but their arguments and contexts. */
const areAlike = (one: Call, other: Call): boolean => one.profile === other.profile && one.options === other.options;
