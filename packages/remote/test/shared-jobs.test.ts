// Short calls of one turn share a job: each of them still has its own result, error, cancellation and deadline.
import { existsSync, readFileSync } from "node:fs";
import { type Host, RemoteExecutor, startHost } from "@offloop/remote";
import { MemoryTransport } from "@offloop/remote/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOfTest, isWritten, rejection, until } from "./helpers.js";
import * as tasks from "./fixtures/tasks.mjs";

const root = new URL("./", import.meta.url);
let transport: MemoryTransport;
let executor: RemoteExecutor;
/** The calls that were pushed: their keys. */
let pushed: string[];
const hosts: Host[] = [];

const host = async (name: string, maxWorkers = 1): Promise<Host> => {
  const started = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name, pool: { maxWorkers } });
  hosts.push(started);
  return started;
};

beforeEach(() => {
  pushed = [];
  transport = new MemoryTransport({ leaseMs: 100 });
  const join = transport.join.bind(transport);
  transport.join = async (...peer) => {
    const line = await join(...peer);
    const push = line.push.bind(line);
    line.push = (queue, call) => {
      pushed.push(call.key);
      return push(queue, call);
    };
    return line;
  };
  executor = new RemoteExecutor({ transport, root });
});

afterEach(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  await Promise.all(hosts.splice(0).map((each) => each.stop({ timeoutMs: 0 })));
  await transport.close();
});

/** Lets the caller measure `acts`, on a host that then ends unless it is to stay. The first run imports the module, so it takes some more to know that the function is short. */
async function measured(stays: boolean): Promise<void> {
  const first = await host("alpha");
  for (let value = 0; value < 100; value += 1) expect(await executor.submit(tasks.acts, "returns", "", value)).toBe(value);
  if (!stays) {
    await first.stop();
    await until(() => executor.stats().workers === 0);
  }
  pushed.length = 0;
}

const count = (file: string): number => (existsSync(file) ? readFileSync(file, "utf8").split(" ").length - 1 : 0);

describe("short calls of one turn", () => {
  it("share jobs when their function is measured, and each has its own result", async () => {
    await measured(true);
    const values = Array.from({ length: 100 }, (_, index) => index);
    // A machine that is busy makes short calls long now and then, and long calls are alone.
    do {
      pushed.length = 0;
      expect(await Promise.all(values.map((value) => executor.submit(tasks.acts, "returns", "", value)))).toEqual(values);
    } while (pushed.length > 10);
    pushed.length = 0;
    expect(await Promise.all(values.map((value) => executor.submit(tasks.add, value, 1)))).toEqual(values.map((value) => value + 1));
    expect(pushed).toHaveLength(100); // nobody knew how long these take
    const { submitted, fulfilled, queued, running, run } = executor.stats();
    expect([fulfilled, queued, running, run.count]).toEqual([submitted, 0, 0, submitted]);
  });

  it("are divided among the workers of all hosts", async () => {
    await measured(true);
    await host("beta", 3);
    await executor.submit(tasks.acts, "returns", "", 1);
    await until(() => (executor.stats(), Reflect.get(executor, "parallelism") === 4)); // stats() reads the list of hosts anew
    do {
      pushed.length = 0;
      await Promise.all(Array.from({ length: 40 }, () => executor.submit(tasks.acts, "returns", "", 1)));
      expect(pushed.length).toBeGreaterThanOrEqual(4);
    } while (pushed.length > 4);
  });

  it("are alone if they are long, differ in options or function, or ended a worker", async () => {
    await host("alpha");
    await executor.submit(tasks.spins, 20);
    pushed.length = 0;
    await Promise.all(Array.from({ length: 4 }, () => executor.submit(tasks.spins, 20)));
    expect(pushed).toHaveLength(4);
    await measured(true);
    const urgent = executor.with({ priority: 5 });
    await Promise.all([executor.submit(tasks.acts, "returns"), executor.submit(tasks.acts, "returns"), urgent.submit(tasks.acts, "returns"), urgent.submit(tasks.acts, "returns"), executor.submit(tasks.spins, 1)]);
    expect(pushed.length).toBeGreaterThanOrEqual(3);
    pushed.length = 0;
    const again = executor.with({ retries: 1 });
    const ended = [1, 2].map(() => rejection(again.submit(tasks.acts, "ends")));
    for (const error of await Promise.all(ended)) expect(error).toMatchObject({ name: "WorkerCrashedError", exit: { host: "alpha" } });
    expect(pushed.length).toBeGreaterThanOrEqual(3);
  });

  it("are divided if they are large together, and arrive whole", async () => {
    await measured(true);
    const large = Array.from({ length: 8 }, (_, index) => Buffer.alloc(6_000, index));
    const results = await Promise.all(large.map((each) => executor.submit(tasks.acts, "returns", "", each)));
    for (const [index, result] of results.entries()) expect(Buffer.compare(Buffer.from(result as Uint8Array), large[index]!)).toBe(0);
    expect(pushed.length).toBeGreaterThanOrEqual(4);
  });
});

describe("one of the calls of a job", () => {
  it("that fails, returns what cannot be copied, or has such an argument, leaves the others alone", async () => {
    await measured(true);
    const good = [1, 2, 3].map((value) => executor.submit(tasks.acts, "returns", "", value));
    const bad = [executor.submit(tasks.acts, "throws", "", "broken"), executor.submit(tasks.acts, "returns a function"), executor.submit(tasks.acts, "returns", "", { socket: () => {} } as never)].map(rejection);
    const more = executor.submit(tasks.acts, "returns", "", 4);
    expect(await Promise.all([...good, more])).toEqual([1, 2, 3, 4]);
    const [thrown, result, argument] = await Promise.all(bad);
    expect(thrown).toMatchObject({ name: "RangeError", message: "broken", stack: expect.stringMatching(/fixtures\/tasks\.mjs[^]*\(on host alpha\)/) });
    expect(result).toMatchObject({ name: "CloneError", path: "result" });
    expect(argument).toMatchObject({ name: "CloneError", path: "args[2].socket" });
  });

  it("is taken out of the queue when it is cancelled there, and never runs; the others run once", async () => {
    await measured(false);
    const file = fileOfTest("notes");
    const calls = Array.from({ length: 10 }, (_, value) => executor.submit(tasks.acts, "notes", file, value));
    await until(() => pushed.length > 0);
    const cancelled = [3, 7].map((index) => rejection(calls[index]!));
    calls[3]!.cancel("enough");
    calls[7]!.cancel("enough");
    for (const error of await Promise.all(cancelled)) expect(error).toMatchObject({ name: "CancelledError", cause: "enough" });
    await host("beta");
    const rest = [0, 1, 2, 4, 5, 6, 8, 9];
    expect(await Promise.all(rest.map((index) => calls[index]!))).toEqual(rest);
    expect(readFileSync(file, "utf8")).toBe("0 1 2 4 5 6 8 9 ");
    expect(transport.waiting).toBe(0);
  });

  it("is cancelled while it runs, and those behind it run", async () => {
    await measured(true);
    const file = fileOfTest("begun");
    const before = executor.submit(tasks.acts, "returns", "", 1);
    const running = executor.with({ onCancel: "wait" }).submit(tasks.acts, "waits", file);
    const shared = [executor.submit(tasks.acts, "waits", file), executor.submit(tasks.acts, "returns", "", 2)] as const;
    const error = rejection(shared[0]);
    const first = rejection(running);
    await until(() => isWritten(file));
    running.cancel("enough");
    expect(await first).toMatchObject({ name: "CancelledError" });
    await until(() => count(file) === 2);
    shared[0].cancel("enough");
    expect(await error).toMatchObject({ name: "CancelledError", cause: "enough" });
    expect(await Promise.all([before, shared[1]])).toEqual([1, 2]);
  });

  it("keeps its deadlines: in the queue, and while it runs", async () => {
    await measured(false);
    const limited = executor.with({ queueTimeoutMs: 30 });
    const file = fileOfTest("notes");
    const late = await Promise.all([0, 1, 2].map((value) => rejection(limited.submit(tasks.acts, "notes", file, value))));
    for (const error of late) expect(error).toMatchObject({ name: "CallTimeoutError", stage: "queue" });
    expect(transport.waiting).toBe(0);
    await host("beta");
    const short = executor.with({ runTimeoutMs: 50 });
    const [slow, quick] = [rejection(short.submit(tasks.acts, "waits", fileOfTest("begun"))), short.submit(tasks.acts, "returns", "", 5)];
    expect(await slow).toMatchObject({ name: "CallTimeoutError", stage: "run" });
    expect(await quick).toBe(5);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a host that is lost with a job", () => {
  it("loses the calls that were not answered, and no other; those with retries run once more at most", async () => {
    await measured(true);
    const [file, begun] = [fileOfTest("notes"), fileOfTest("begun")];
    for (const retries of [0, 1]) {
      const calls = executor.with({ retries });
      const answered = calls.submit(tasks.acts, "notes", file, 0);
      const running = calls.submit(tasks.acts, "waits", begun);
      const waiting = [1, 2].map((value) => calls.submit(tasks.acts, "notes", file, value));
      running.catch(() => {});
      const lost = waiting.map((each) => each.catch((error: unknown) => error));
      expect(await answered).toBe(0);
      await until(() => count(begun) === retries + 1);
      transport.cut(hosts.at(-1)!.id);
      await host(`host-${retries}`);
      if (retries === 0) for (const error of await Promise.all(lost)) expect(error).toMatchObject({ name: "WorkerCrashedError", exit: { host: "alpha" } });
      else {
        await until(() => count(begun) === 3);
        running.cancel();
        expect(await Promise.all(lost)).toEqual([1, 2]);
      }
    }
    expect(readFileSync(file, "utf8").split(" ").sort()).toEqual(["", "0", "0", "1", "2"]);
  });
});
