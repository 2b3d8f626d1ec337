// A callback of a call runs in the context of the request that made the call, even if another request started the
// worker. Each row below is a public function that takes a callback. Two requests use it at the same time, on a
// worker that a third one started.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CapacityLimiter, createTask, gather, run, runInExecutor, setDefaultExecutor, shutdownDefaultExecutor, toThread } from "@offloop/core";
import { type Actor, closeActor, type Executor, InlineExecutor, ProcessPoolExecutor, proxy, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as work from "../fixtures/identities.mjs";

const { asRequest, identity, identityLater } = work;
const four = (name: string): string => `${name} ${name} ${name} ${name}`;
const nobody = four("nobody");

/** Calls `way` for Alice and Bob at once: outside tasks, in tasks, and in tasks of a loop of their own. */
async function bothSee(way: () => Promise<unknown>): Promise<unknown[]> {
  const names = ["Alice", "Bob"];
  const asTasks = (): Promise<unknown[]> => Promise.all(names.map((name) => createTask(() => asRequest(name, way))));
  const seen = [await Promise.all(names.map((name) => asRequest(name, way))), await asTasks(), await run(() => gather(names.map((name) => () => asRequest(name, way))))];
  for (const each of seen.slice(1)) expect(each).toEqual(seen[0]);
  return seen[0]!;
}

/** Callbacks that are told several values: the one identity that all of them have had, or all. */
const one = (seen: readonly string[]): string => (new Set(seen).size === 1 ? seen[0]! : seen.join("; "));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

let lastNote = 0;

const ways: Record<string, (executor: Executor) => Promise<unknown>> = {
  async onProgress(executor) {
    const seen: string[] = [];
    await executor.with({ onProgress: () => void seen.push(identity()) }).submit(work.reports);
    expect(seen).toHaveLength(2);
    return one(seen);
  },
  async "onProgress, after an await of the callback"(executor) {
    const seen: Promise<string>[] = [];
    await executor.with({ onProgress: () => void seen.push(identityLater()) }).submit(work.reports);
    return one(await Promise.all(seen));
  },
  async "a limiter's acquire and release"(executor) {
    const seen: string[] = [];
    const limiter = { acquire: () => void seen.push(identity()), release: () => void seen.push(identity()) };
    await executor.with({ limiter }).submit(work.reports);
    await until(() => seen.length === 2);
    return one(seen);
  },
  async "the release of a limiter whose call is cancelled"(executor) {
    const seen: string[] = [];
    const call = executor.with({ limiter: { acquire: () => {}, release: () => void seen.push(identity()) } }).submit(work.reports);
    call.cancel();
    await call.catch(() => {});
    await until(() => seen.length === 1);
    return one(seen);
  },
  fromThread: (executor) => executor.submit(work.asks),
  "fromThread, after an await on the worker": (executor) => executor.submit(work.asksAfterWaiting),
  "fromThread in map": async (executor) => {
    const seen = [];
    for await (const who of executor.map(work.asksForOne, ["a", "b", "c"])) seen.push(String(who).slice(3));
    return one(seen);
  },
  "fromThread in a stream": async (executor) => {
    const seen = [];
    for await (const who of executor.stream(work.asksInStream)) seen.push(who as string);
    return one(seen);
  },
  "fromThread in broadcast": async (executor) => one((await executor.broadcast(work.asks)) as string[]),
  async callSoonThreadsafe(executor) {
    const id = ++lastNote;
    await executor.submit(work.schedules, id);
    await until(() => work.noted.has(id));
    return work.noted.get(id);
  },
  "the source of map": async (executor) => {
    const seen: string[] = [];
    const source = function* (): Generator<number> {
      for (let index = 0; index < 20; index += 1) {
        seen.push(identity());
        yield index;
      }
    };
    for await (const _ of executor.map(Math.abs, source(), { chunkSize: 2, bufferSize: 4 }));
    return one(seen);
  },
  "the asynchronous source of map": async (executor) => {
    const seen: string[] = [];
    const source = async function* (): AsyncGenerator<number> {
      for (let index = 0; index < 5; index += 1) {
        seen.push(await identityLater());
        yield index;
      }
    };
    for await (const _ of executor.map(Math.abs, source()));
    return one(seen);
  },
  "the function of runInExecutor, by fromThread": (executor) => runInExecutor(executor, work.asks).then((seen) => seen as string),
  "code after the call": async (executor) => {
    await executor.submit(work.who);
    return identity();
  },
  "the propagated value on the worker": async (executor) => four((await executor.submit(work.who)) as string),
};

describe.each<[string, () => Executor]>([
  ["thread", () => new ThreadPoolExecutor({ maxWorkers: 1 })],
  ["process", () => new ProcessPoolExecutor({ maxWorkers: 1 })],
  ["inline", () => new InlineExecutor()],
])("%s: two requests that share a worker each see their own identity in", (kind, make) => {
  let executor: Executor;
  beforeAll(() =>
    asRequest("Starter", async () => {
      executor = make();
      await executor.submit(work.who);
    }),
  );
  afterAll(() => executor.shutdown());

  for (const [name, way] of Object.entries(ways)) {
    it(`${name}`, async () => {
      expect(await bothSee(() => way(executor))).toEqual([four("Alice"), four("Bob")]);
    });
  }

  if (kind !== "process") {
    it("fromThread.sync", async () => {
      expect(await bothSee(() => executor.submit(work.asksSync))).toEqual([four("Alice"), four("Bob")]);
    });
  }

  if (kind !== "inline") {
    it("the diagnostics events of a call", async () => {
      const seen = new Map<string, { event: string; identity: string }[]>();
      const listen = (call: unknown, event: string | symbol): void => void seen.get((call as { callName: string }).callName)?.push({ event: String(event), identity: identity() });
      const events = ["submitted", "sent", "settled"].map((each) => `offloop:call:${each}`);
      for (const each of events) subscribe(each, listen);
      try {
        const way = async (): Promise<string> => {
          const name = `call ${++lastNote}`;
          seen.set(name, []);
          await executor.with({ name }).submit(work.who);
          // A call that waits in a worker may be taken back, and is then sent again.
          expect([...new Set(seen.get(name)!.map(({ event }) => event))]).toEqual(events);
          return one(seen.get(name)!.map((each) => each.identity));
        };
        expect(await bothSee(way)).toEqual([four("Alice"), four("Bob")]);
      } finally {
        for (const each of events) unsubscribe(each, listen);
      }
    });
  }
});

describe.each([["threads", ThreadPoolExecutor], ["processes", ProcessPoolExecutor]] as const)("what belongs to no call, on %s:", (_kind, Pool) => {
  it("onOutput, worker events and hooks run outside any caller's context", async () => {
    const seen: string[] = [];
    const look = (): void => void seen.push(identity());
    for (const each of ["started", "ready", "exited"]) subscribe(`offloop:worker:${each}`, look);
    try {
      await asRequest("Alice", async () => {
        const pool = new Pool({ maxWorkers: 1, onOutput: look });
        await pool.submit(work.prints);
        await until(() => seen.length === 3);
        await pool.shutdown();
      });
    } finally {
      for (const each of ["started", "ready", "exited"]) unsubscribe(`offloop:worker:${each}`, look);
    }
    expect(seen).toEqual([nobody, nobody, nobody, nobody]);
  });
});

describe.each(["thread", "process"] as const)("actor in a %s: two requests that share it each see their own identity in", (kind) => {
  let actor: Actor<InstanceType<typeof work.Caller>>;
  beforeAll(async () => {
    actor = (await asRequest("Starter", () => spawnActor.with({ kind })(work.Caller, proxy(identity)))) as typeof actor;
  });
  afterAll(() => closeActor(actor));

  const calls: Record<string, () => Promise<unknown>> = {
    "a callback": () => actor.call(proxy(identityLater)),
    "a callback, synchronous": () => actor.call(proxy(identity)),
    "a method of an object": () => actor.callMethod(proxy({ method: identityLater })),
    "a generator that a callback returns": async () => {
      const callback = async function* (): AsyncGenerator<string> {
        yield await identityLater();
        yield identity();
      };
      return one((await actor.readAll(proxy(callback))) as string[]);
    },
    "code after the call": async () => {
      await actor.who();
      return identity();
    },
    "the propagated value in the actor": async () => four((await actor.who()) as string),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`${name}`, async () => {
      expect(await bothSee(call)).toEqual([four("Alice"), four("Bob")]);
    });
  }

  it("a callback of the constructor runs in the context of the actor's creator", async () => {
    // The method that calls it runs for its caller: the values of the ContextVar and of the propagated storage are the caller's.
    expect(await bothSee(() => actor.callKept() as Promise<unknown>)).toEqual(["Starter Alice Alice Starter", "Starter Bob Bob Starter"]);
  });
});

it("a callback does not belong to the caller's task: cancelling the task does not cancel what the callback awaits", async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const limiter = new CapacityLimiter(1);
  setDefaultExecutor(pool);
  let outcome = "pending";
  const task = createTask(async () => {
    const onProgress = (value: number): void => {
      if (value === 1) limiter.hold(() => createTask(() => identityLater())).then(() => (outcome = "done"), (error: Error) => (outcome = error.name));
    };
    await toThread.with({ onProgress, onCancel: "wait" })(work.reports);
    task.cancel();
    await createTask(() => new Promise(() => {}));
  });
  await task.catch(() => {});
  await until(() => outcome !== "pending");
  expect(outcome).toBe("done");
  await shutdownDefaultExecutor();
});

describe("the stores of a request are collected while something that it started lives on:", () => {
  const program = fileURLToPath(new URL("../fixtures/keeps-no-store.mjs", import.meta.url));
  for (const kind of ["toThread", "toThread of code", "toProcess", "options", "fromThread", "stream", "map", "inline", "actor thread", "actor process", "restarted actor"]) {
    it(`${kind}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program, kind]);
      expect(stdout).toBe("collected\n");
    });
  }
});
