// The server with real clients: some go away, some come when the queue is full.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ThreadPoolExecutor } from "offloop";
import { expect, onTestFinished, test, vi } from "vitest";
import { createServer } from "../dist/server.js";

/** Takes a minute, if nobody ends it. */
const forAMinute = "{ pairs(atLeast: 0.99) { share } }";

async function start() {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, maxQueue: 1 });
  const server = createServer(pool);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await pool.shutdown({ timeoutMs: 0 });
  });
  return {
    until: (state: { readonly running: number; readonly queued: number }) => vi.waitFor(() => expect(pool.stats()).toMatchObject(state), { timeout: 20_000, interval: 5 }),
    async ask(query: string, signal?: AbortSignal) {
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }), signal: signal ?? null });
      return { status: response.status, retryAfter: response.headers.get("retry-after"), ...((await response.json()) as { readonly data: any; readonly errors?: readonly { readonly extensions: unknown; readonly message: string }[] }) };
    },
  };
}

test("compares texts on a thread, and answers light queries meanwhile", async () => {
  const { ask } = await start();
  const compared = ask('{ licence(id: "MIT") { name alike(first: 2) { share licence { name } } } }');
  expect((await ask("{ hello }")).data).toEqual({ hello: "hello" });
  const { status, data } = await compared;
  expect(status).toBe(200);
  expect(data.licence.name).toBe("MIT License");
  const [best, second] = data.licence.alike;
  expect(best.share).toBeLessThanOrEqual(1);
  expect(best.share).toBeGreaterThanOrEqual(second.share);
  expect(second.share).toBeGreaterThan(0.5);
});

test("frees the worker when the client goes away, and drops what waits", async () => {
  const { ask, until } = await start();
  const [runs, waits] = [new AbortController(), new AbortController()];
  const running = ask(forAMinute, runs.signal);
  await until({ running: 1, queued: 0 });
  const waiting = ask(forAMinute, waits.signal);
  await until({ running: 1, queued: 1 });
  waits.abort();
  await expect(waiting).rejects.toThrow();
  await until({ running: 1, queued: 0 });
  runs.abort();
  await expect(running).rejects.toThrow();
  await until({ running: 0, queued: 0 });
  expect((await ask('{ licence(id: "MIT") { alike(first: 1) { share } } }')).status).toBe(200);
});

test("answers 503 with Retry-After when the queue is full", async () => {
  const { ask, until } = await start();
  const end = new AbortController();
  const calls = [ask(forAMinute, end.signal).catch(String)];
  await until({ running: 1, queued: 0 });
  calls.push(ask(forAMinute, end.signal).catch(String));
  await until({ running: 1, queued: 1 });
  const refused = await ask('{ licence(id: "MIT") { alike { share } } }');
  expect(refused).toMatchObject({ status: 503, retryAfter: "1", errors: [{ extensions: { code: "ERR_OFFLOOP_CALL_QUEUE_FULL" } }] });
  expect((await ask("{ hello }")).data).toEqual({ hello: "hello" });
  end.abort();
  await Promise.all(calls);
  await until({ running: 0, queued: 0 });
});

test("leaves other errors as they are", async () => {
  const { ask } = await start();
  expect(await ask("{ licence { name } }")).toMatchObject({ status: 200, retryAfter: null, errors: [{ message: expect.stringContaining('"id"') }] });
  expect(await ask('{ licence(id: "no such") { name } }')).toMatchObject({ status: 200, data: { licence: null } });
});
