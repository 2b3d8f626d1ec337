// Sends a function to a real thread as its payload, and runs it there.
import { once } from "node:events";
import { deserialize, serialize } from "node:v8";
import { Worker } from "node:worker_threads";
import { locateFunction } from "#workers/function/leaving/locate-function.js";
import type { LocatedFunction } from "#workers/protocol/function-payload.js";
import type { Callable, CallTarget } from "#workers/executor/callable.js";

/** One worker that resolves and runs; made for a test file and ended by it. */
export class Traveller {
  readonly #worker = new Worker(new URL("../fixtures/function/resolves-and-runs.mjs", import.meta.url));
  #id = 0;

  async run<A extends unknown[], R>(fn: Callable<A, R>, ...args: A): Promise<Awaited<R>> {
    return (await this.runLocated(await locateFunction(fn as CallTarget), args)) as Awaited<R>;
  }

  async runLocated(located: LocatedFunction, args: unknown[]): Promise<unknown> {
    const id = this.#id++;
    // What a process worker gets: the payload has to survive that as well.
    this.#worker.postMessage({ id, ...(deserialize(serialize(located)) as LocatedFunction), args });
    for (;;) {
      const [answer] = await once(this.#worker, "message");
      if (answer.id !== id) continue;
      if ("error" in answer) throw answer.error;
      return answer.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
