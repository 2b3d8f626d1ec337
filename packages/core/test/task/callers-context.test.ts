// Each callback and task runs in the AsyncLocalStorage context, and with the ContextVars, of its creator.
import { AsyncLocalStorage } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { asCompleted, ContextVar, createTask, ensureFuture, Future, gather, getRunningLoop, moveOnAfter, race, run, shield, sleep, taskGroup, timeout, wait, waitFor } from "@offloop/core";
import { describe, expect, it } from "vitest";

const user = new AsyncLocalStorage<string>();
const variable = new ContextVar<string>("user", { default: "nobody" });

/** Both identities, before and after a turn of the loop. */
async function who(): Promise<string> {
  const before = `${user.getStore()}/${variable.get()}`;
  await sleep(1);
  const after = `${user.getStore()}/${variable.get()}`;
  return before === after ? before : `${before} became ${after}`;
}

const loopCallback = (schedule: (callback: () => void) => void): Promise<string> =>
  new Promise((resolve) => schedule(() => resolve(`${user.getStore()}/${variable.get()}`)));

const ways: Record<string, () => PromiseLike<string>> = {
  createTask: () => createTask(who),
  "createTask, eager": () => createTask(who, { eager: true }),
  "a task of a task": () => createTask(() => createTask(who)),
  gather: async () => (await gather([who]))[0]!,
  timeout: () => timeout(1000, who),
  waitFor: () => waitFor(who, 1000),
  moveOnAfter: async () => {
    let seen = "";
    await moveOnAfter(1000, async () => void (seen = await who()));
    return seen;
  },
  taskGroup: () =>
    taskGroup(async (group) => {
      return await group.createTask(who);
    }),
  race: () => race([who]),
  shield: () => shield(who),
  wait: async () => [...(await wait([createTask(who)])).done][0]!.result(),
  asCompleted: async () => {
    for await (const done of asCompleted([who])) return done.result();
    return "none";
  },
  ensureFuture: () => ensureFuture(who),
  callSoon: () => loopCallback((callback) => getRunningLoop().callSoon(callback)),
  callLater: () => loopCallback((callback) => getRunningLoop().callLater(1, callback)),
  addDoneCallback: () =>
    loopCallback((callback) => {
      const future = new Future<void>();
      future.addDoneCallback(callback);
      setImmediate(() => future.setResult());
    }),
  then: () =>
    loopCallback((callback) => {
      const future = new Future<void>();
      void future.then(callback);
      setImmediate(() => future.setResult());
    }),
};

describe("two interleaved requests", () => {
  const request = (name: string, way: () => PromiseLike<string>): Promise<string> =>
    user.run(name, async () => {
      await Promise.resolve(); // a request begins in a turn of its own
      variable.set(name);
      return await way();
    });

  for (const [name, way] of Object.entries(ways)) {
    it(`each see their own identity in ${name}`, async () => {
      expect(await Promise.all(["Alice", "Bob"].map((each) => request(each, way)))).toEqual(["Alice/Alice", "Bob/Bob"]);
    });

    it(`each see their own identity in ${name} inside run()`, async () => {
      const tasks = (): Promise<unknown> => gather(["Alice", "Bob"].map((each) => () => request(each, way)));
      expect(await run(tasks)).toEqual(["Alice/Alice", "Bob/Bob"]);
    });
  }

  it("of an HTTP server do not see each other's ContextVars", async () => {
    const server = createServer(async (incoming, response) => {
      const found = variable.get();
      variable.set(incoming.url!);
      await sleep(20);
      response.end(`${found} ${variable.get()}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const get = async (path: string): Promise<string> => (await fetch(base + path)).text();
    try {
      expect(await Promise.all([get("/a"), get("/b")])).toEqual(["nobody /a", "nobody /b"]);
      expect(await get("/c")).toBe("nobody /c");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

it("a ContextVar set outside tasks has its value in functions called later, and not in earlier timers", async () => {
  const seen: string[] = [];
  const early = new Promise<void>((resolve) => setTimeout(() => resolve(void seen.push(`early ${variable.get()}`)), 5));
  const token = variable.set("set");
  await createTask(async () => void seen.push(`task ${variable.get()}`));
  variable.reset(token);
  seen.push(`reset ${variable.get()}`);
  await early;
  expect(seen).toEqual(["task set", "reset nobody", "early nobody"]);
});

it("the loop does not keep the store of the request that used it first", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const store = new AsyncLocalStorage<object>();
  const request = async (): Promise<WeakRef<object>> => {
    const value = {};
    await store.run(value, async () => {
      await createTask(() => sleep(1));
      await timeout(50, () => sleep(1));
    });
    return new WeakRef(value);
  };
  const first = await request();
  await request(); // the loop goes on
  const deadline = Date.now() + 5000;
  while (first.deref() !== undefined && Date.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  expect(first.deref()).toBeUndefined();
});
