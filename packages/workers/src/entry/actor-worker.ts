// Inside an actor's worker, thread or process: creates the object when the main side requests it, and runs
// each call in its own task context. actor-blueprint.ts defines what it exposes.
import { AsyncLocalStorage } from "node:async_hooks";
import { type Blueprint, type Opener, OPENER_ENDPOINT } from "./actor-blueprint.js";
import { Connection } from "../remote/connection.js";
import { proxy } from "../remote/proxy.js";
import type { RunRequest } from "../remote/host.js";
import type { Line } from "../remote/wire.js";
import { contextOfOneCall } from "../executor/caller-context.js";
import { CancelledError } from "../executor/errors.js";
import { addTaskContextSource, type TaskContext } from "../executor/task-context.js";
import { pendingFiles } from "./pending-files.js";
import { resolveFunction } from "../function/arriving/resolve-function.js";

type Make = (args: unknown[]) => object;

const running = new AsyncLocalStorage<TaskContext>();
let workerId = 0;

/** Serves one actor over `line`. */
export function serveActor(line: Line, shared: boolean): Connection {
  addTaskContextSource(() => running.getStore());
  const connection = new Connection(line, { side: "worker", shared, run: (request, signal, run) => contextOfOneCall().runInAsyncScope(() => running.run(new CallContext(request, signal), run)) });
  let making: Promise<Make> | undefined;
  let object: object | undefined;
  const opener: Opener = {
    async load(blueprint, id) {
      workerId = id;
      await (making = load(blueprint));
    },
    async construct(...args) {
      object = (await (making as Promise<Make>))(args);
      return proxy(object);
    },
    async close() {
      const { [Symbol.asyncDispose]: asynchronous, [Symbol.dispose]: synchronous } = object as Partial<AsyncDisposable & Disposable>;
      await (asynchronous ?? synchronous)?.call(object as AsyncDisposable & Disposable);
      await pendingFiles();
    },
  };
  connection.expose(opener, OPENER_ENDPOINT);
  process.on("exit", () => connection.wire.flush());
  return connection;
}

async function load(blueprint: Blueprint): Promise<Make> {
  if (blueprint.kind === "module") {
    const namespace = (await import(blueprint.url)) as object;
    return () => namespace;
  }
  const { payload, captures } = blueprint.located;
  const resolved = await resolveFunction(payload);
  const fn = captures === undefined ? resolved : (resolved(captures) as typeof resolved);
  return (args) => (blueprint.kind === "class" ? Reflect.construct(fn, args) : fn(...args)) as object;
}

class CallContext implements TaskContext {
  readonly name: string;
  readonly workerId = workerId;
  readonly setup = undefined;
  readonly #flag: Int32Array | undefined;
  #signal: AbortSignal | undefined;

  constructor({ name, signal }: RunRequest, received: AbortSignal | undefined) {
    this.name = name;
    this.#flag = signal?.flag;
    this.#signal = received;
  }

  get cancelled(): boolean {
    return this.#signal?.aborted === true || (this.#flag !== undefined && Atomics.load(this.#flag, 0) !== 0);
  }

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal);
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw new CancelledError(`${this.name} was cancelled`, this.#signal?.aborted === true ? { cause: this.#signal.reason } : {});
  }

  /** Nobody receives it: an actor's caller passes a callback instead, marked by `proxy()`. */
  progress(): void {}
}
