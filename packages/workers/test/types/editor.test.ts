// What an editor offers after `pool.` and its like, in each version of TypeScript.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TypeService, typeService, versions } from "../../../../test/type-service.js";

const folder = fileURLToPath(new URL("../..", import.meta.url));

const prelude = `
import { type Actor, CallFuture, type Executor, InlineExecutor, ProcessPoolExecutor, spawnActor, type TaskContext, ThreadPoolExecutor } from "@offloop/workers";
import { BaseExecutor, callsOf, type ExecutorCalls, PoolExecutor } from "@offloop/workers/pool";
class TcpExecutor extends PoolExecutor {}
abstract class BrokerExecutor extends BaseExecutor {}
class Store {
  readonly path = "";
  size?: number;
  tools = { run: (x: number) => x };
  #rows = 1;
  insert(x: number): number { return this.#rows + x; }
}
`;

const ofExecutor = ["broadcast", "kind", "map", "name", "ready", "shutdown", "stats", "stream", "submit", "warmUp", "with"];

describe.each(versions)("%s", (version) => {
  let service: TypeService;
  beforeAll(async () => (service = await typeService(version, folder, prelude)));
  afterAll(() => service.stop());

  it.each(["Executor", "ThreadPoolExecutor", "ProcessPoolExecutor", "InlineExecutor", "TcpExecutor", "BrokerExecutor"])("offers of %s what users call", async (type) => {
    expect(await service.completions(`declare const it: ${type}; it.‸`)).toEqual(ofExecutor);
    expect(await service.completions(`declare const it: ${type}; it.with({}).‸`)).toEqual(ofExecutor);
  });

  it("offers the methods for hosts where they are asked for", async () => {
    const forHosts = ["call", "callChunk", "callEach", "callStream", "chunkMs", "parallelism", "whenReady"];
    expect(await service.completions("callsOf(new ThreadPoolExecutor()).‸")).toEqual([...ofExecutor, ...forHosts].sort());
  });

  it("offers the public members of an actor, of a call's future and of its context", async () => {
    expect(await service.completions("declare const store: Actor<Store>; store.‸")).toEqual(["insert", "path", "size", "tools"]);
    expect(await service.completions("declare const call: CallFuture<number>; call.‸")).toEqual(["cancel", "cancelled", "catch", "done", "exception", "finally", "rejected", "result", "state", "then"]);
    expect(await service.completions("declare const context: TaskContext; context.‸")).toEqual(["cancelled", "name", "progress", "setup", "signal", "throwIfCancelled", "workerId"]);
  });

  it("offers the options of pools and calls", async () => {
    expect(await service.completions("new ThreadPoolExecutor().with({ ‸ })")).toEqual(["context", "graceMs", "limiter", "name", "onCancel", "onProgress", "priority", "queueTimeoutMs", "retries", "runTimeoutMs", "signal", "transfer"]);
    expect(await service.completions("new ThreadPoolExecutor().map((x: number) => x, [1], { ‸ })")).toEqual(["bufferSize", "chunkSize", "ordered"]);
    expect(await service.completions("new ThreadPoolExecutor().shutdown({ ‸ })")).toEqual(["cancelPending", "timeoutMs"]);
  });
});
