// The main side of the thread that searches large texts for the code of functions. It starts with the first such text,
// and ends after some time without one.
//
//   known-code.ts ─▶ findInThread ── Search ──▶ entry/search-texts.ts
//                                 ◀── Found ──
import type { Worker } from "node:worker_threads";
import { WorkerStartError } from "../../executor/errors.js";
import { clearTimeout, setTimeout } from "../../executor/real-time.js";
import { inRoot } from "../../executor/root-context.js";
import type { FunctionCode } from "../../protocol/function-payload.js";
import type { findFunction } from "./find-function.js";

/** The arguments of `findFunction`. */
export type Search = Parameters<typeof findFunction>;

/** Its results, in the order of the searches. */
export type Found = ReturnType<typeof findFunction>;

/** Milliseconds without a search after which the thread ends. Until then it keeps the places of functions in the texts. */
const IDLE_MS = 10_000;

const entry = new URL("../../entry/search-texts.js", import.meta.url);

interface Waiting {
  resolve(found: Found): void;
  reject(error: unknown): void;
}

let thread: SearchThread | undefined;

/**
 * As `findFunction`, in a thread.
 * @throws WorkerStartError, by rejection, if the thread cannot start, or ends
 */
export function findInThread(...search: Search): Promise<FunctionCode | undefined> {
  return new Promise((resolve, reject) => {
    try {
      thread ??= inRoot(() => new SearchThread());
      thread.ask(search, { resolve, reject });
    } catch (cause) {
      reject(failed(cause));
    }
  });
}

function failed(cause: unknown): WorkerStartError {
  return new WorkerStartError(`No thread could search a large module for the code of a function: ${String(cause)}. Fix the reason, and request the function again. Or import it in the module of the call: a function that is named by an import is not searched for.`, { cause });
}

class SearchThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    // Without the options and preloads of the program, which the search does not need.
    this.#worker = new Worker(entry, { name: "offloop search", execArgv: [], env: { ...process.env, NODE_OPTIONS: "" } });
    this.#worker.on("message", (found: Found) => {
      this.#waiting.shift()!.resolve(found);
      if (this.#waiting.length > 0) return;
      this.#worker.unref();
      this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    });
    let cause: unknown = "it ended";
    this.#worker.once("error", (error) => (cause = error));
    this.#worker.once("exit", () => {
      if (thread === this) thread = undefined;
      for (const { reject } of this.#waiting) reject(failed(cause));
    });
  }

  #end(): void {
    thread = undefined;
    void this.#worker.terminate();
  }

  ask(search: Search, waiting: Waiting): void {
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#worker.postMessage(search);
    this.#waiting.push(waiting);
  }
}
