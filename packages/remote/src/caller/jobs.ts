// Puts calls into the queue. Short calls that are made in one turn share a job, because engine and host take longer for a job
// than for such a call.
//
//   push ─▶ gathered ── end of the turn ──▶ a job for calls of one function ──▶ queue
//
// A host claims a job as a whole, and its calls may then wait there for a worker. So a job holds little work, and the calls of
// a turn are divided among all workers. A call alone in its job: until its function has been measured, if it is long, large, a
// chunk of `map` or a stream, and after its worker or host was lost.
import { type Call, realWorld } from "@offloop/workers/pool";
import { purposeOfCall } from "../messages/codec.js";
import { keyInJob } from "../messages/messages.js";
import type { ResolvedRemoteOptions } from "../options/remote-options.js";
import { Attempt, Job } from "./attempt.js";
import { bounded, messageOf } from "./call-message.js";
import type { Connection } from "./connection.js";

/** The most calls of a job. With more, a call waits longer for its job's end than it saves. A guess. */
const MOST_CALLS = 64;

/** The expected work of a job with several calls, in microseconds: some round trips. A guess. */
const MOST_MICROS = 2_000;

/** The bytes of a job with several calls. Engines keep so many inside their records. */
const MOST_BYTES = 2 ** 14;

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
    for (let first = 0, end; first < calls.length; first = end) {
      end = first + 1;
      const call = calls[first]!;
      const most = this.#most(call, calls.length);
      while (end < calls.length && end - first < most && areAlike(call, calls[end]!)) end += 1;
      this.#send(calls.slice(first, end));
    }
  }

  /** The number of calls in the job of this call. @param made the number of calls in this turn */
  #most({ profile }: Call, made: number): number {
    const micros = profile!.expectedMicros;
    return micros === 0 ? 1 : Math.min(MOST_CALLS, MOST_MICROS / micros, Math.ceil(made / Math.max(1, this.#caller.capacity)));
  }

  #send(calls: readonly Call[]): void {
    const { queue, transport } = this.#options;
    const { connection } = this.#caller;
    const [call] = calls as [Call];
    const job = new Job();
    const { key } = job;
    let body: Buffer;
    try {
      body = bounded(call, connection.codec.write(purposeOfCall(queue, key), messageOf(calls, key, connection.id)), transport);
      if (calls.length > 1 && body.length > MOST_BYTES) return this.#divide(calls);
    } catch (error) {
      return calls.length > 1 ? this.#divide(calls) : this.#caller.reject(call, call.blame(error as Error));
    }
    this.#jobs.set(key, job);
    for (const [index, each] of calls.entries()) {
      each.send();
      const attempt = new Attempt(keyInJob(key, index), each, job);
      job.attempts.add(attempt);
      this.#caller.follow(attempt);
    }
    job.pushed = connection.line().then((line) => line.push(queue, { key, name: call.name, priority: call.priority, body }));
    job.pushed.catch((error: unknown) => {
      for (const attempt of job.attempts) this.#caller.failed(attempt, error);
    });
  }

  /** The calls are too large for one job, or one of them cannot be copied. */
  #divide(calls: readonly Call[]): void {
    const half = calls.length >> 1;
    this.#send(calls.slice(0, half));
    this.#send(calls.slice(half));
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

/** Whether two calls may share a job: they differ in nothing but their arguments and contexts. */
function areAlike(one: Call, other: Call): boolean {
  return one.profile === other.profile && one.options === other.options && one.items === undefined && other.items === undefined && !one.alone && !other.alone;
}
