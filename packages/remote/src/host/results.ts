// Answers the calls of one job: results of the same moment go to the caller together.
import { realTime } from "@offloop/workers/executor";
import { packThrown } from "@offloop/workers/pool";
import { pack, unpack } from "../messages/codec.js";
import { type HostTimes, type JobMessage, keyInJob } from "../messages/messages.js";
import type { Hosting } from "./hosting.js";

/** Milliseconds for which a result may wait for those of other calls of its job. A guess. */
const SOON_MS = 1;

interface Result {
  readonly call: number;
  readonly value: unknown;
  readonly times: HostTimes;
}

/** Each call of the job is answered once, by `add` or `failed`. Their promises settle when the engine has the answer. */
export class Results {
  readonly #host: Hosting;
  readonly #job: JobMessage;
  #pending: number;
  #gathered: Result[] = [];
  #sent: Promise<void> | undefined;
  #send: (() => void) | undefined;

  constructor(host: Hosting, job: JobMessage) {
    this.#host = host;
    this.#job = job;
    this.#pending = job.count;
  }

  add(call: number, value: unknown, times: HostTimes): Promise<void> {
    this.#gathered.push({ call, value, times });
    const sent = (this.#sent ??= this.#sendSoon());
    this.#answered();
    return sent;
  }

  failed(call: number, error: unknown, times: HostTimes): Promise<void> {
    const { key, caller } = this.#job;
    this.#answered();
    return this.#host.send(caller, { type: "rejected", key: keyInJob(key, call), thrown: packThrown(error), stats: this.#host.about().stats, times });
  }

  /** The last answer waits for no other. */
  #answered(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#send?.();
  }

  async #sendSoon(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = realTime.setTimeout(resolve, SOON_MS).unref();
      this.#send = () => {
        realTime.clearTimeout(timer);
        resolve();
      };
    });
    const results = this.#gathered;
    this.#gathered = [];
    this.#sent = this.#send = undefined;
    await this.#fulfil(results);
  }

  async #fulfil(results: readonly Result[]): Promise<void> {
    const { key, caller, name } = this.#job;
    const { maxBytes } = this.#host;
    let packed: Buffer;
    try {
      packed = results.length === 1 ? pack(results[0]!.value, "result", name, "the caller") : pack(results.map(({ value }) => value), "results", name, "the caller");
      if (packed.length > maxBytes) throw new RangeError(`The result of ${name} takes ${packed.length} bytes, and the transport carries ${maxBytes} at most (maxBytes). Return it in parts, as a stream, or raise the limit of the transport.`);
    } catch (error) {
      if (results.length === 1) return this.#host.send(caller, { type: "rejected", key: keyInJob(key, results[0]!.call), thrown: packThrown(error), stats: this.#host.about().stats, times: results[0]!.times });
      return void (await Promise.all(results.map((each) => this.#fulfil([each]))));
    }
    return this.#host.send(caller, { type: "fulfilled", key, calls: results.map(({ call }) => call), packed, stats: this.#host.about().stats, times: results.map(({ times }) => times) });
  }
}

/** The arguments of each call of a job, by its position. They are read at the first call. @throws CloneError */
export function argsOf({ packed, count, name }: JobMessage): (index: number) => unknown[] {
  let read: unknown[] | undefined;
  return (index) => {
    read ??= unpack(packed, "the worker", name) as unknown[];
    return count === 1 ? read : (read[index] as unknown[]);
  };
}
