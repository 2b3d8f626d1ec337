// The server with real clients: some go away, some come when the queue is full.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { ThreadPoolExecutor } from "offloop";
import { expect, onTestFinished, test, vi } from "vitest";
import { type AppRouter, createServer } from "../dist/server.js";

/** Takes minutes, if nobody ends it. */
const forMinutes = { country: "US", passes: 1_000 };

async function start(link: typeof httpLink | typeof httpBatchLink = httpLink) {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, maxQueue: 1 });
  const server = createServer(pool);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await pool.shutdown({ timeoutMs: 0 });
  });
  const until = (state: { readonly running: number; readonly queued: number }) => vi.waitFor(() => expect(pool.stats()).toMatchObject(state), { timeout: 20_000, interval: 5 });
  return { url, until, client: createTRPCClient<AppRouter>({ links: [link({ url })] }) };
}

test("makes a tour on a thread, and answers light calls meanwhile", async () => {
  const { client } = await start();
  const made = client.tour.query({ country: "PL" });
  expect(await client.hello.query()).toBe("hello");
  const { cities, km, stops } = await made;
  expect(cities).toBeGreaterThan(3_000);
  expect(stops).toHaveLength(5);
  expect(km).toBeLessThan((await client.tour.query({ country: "PL", passes: 0 })).km);
});

test("frees the worker when the client goes away, and drops what waits", async () => {
  const { client, until } = await start();
  const [runs, waits] = [new AbortController(), new AbortController()];
  const running = client.tour.query(forMinutes, { signal: runs.signal });
  await until({ running: 1, queued: 0 });
  const waiting = client.tour.query(forMinutes, { signal: waits.signal });
  await until({ running: 1, queued: 1 });
  waits.abort();
  await expect(waiting).rejects.toThrow();
  await until({ running: 1, queued: 0 });
  runs.abort();
  await expect(running).rejects.toThrow();
  await until({ running: 0, queued: 0 });
  expect((await client.tour.query({ country: "AD" })).cities).toBeGreaterThan(0);
});

test.each([["a request for each call", httpLink], ["calls in batches", httpBatchLink]])("answers 503 with Retry-After when the queue is full: %s", async (_, link) => {
  const { client, url, until } = await start(link);
  const end = new AbortController();
  const calls = [client.tour.query(forMinutes, { signal: end.signal }).catch(String)];
  await until({ running: 1, queued: 0 });
  calls.push(client.tour.query(forMinutes, { signal: end.signal }).catch(String));
  await until({ running: 1, queued: 1 });
  await expect(client.tour.query({ country: "AD" })).rejects.toMatchObject({ data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503 } });
  const refused = await fetch(`${url}/tour?input=${encodeURIComponent('{"country":"AD"}')}`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await client.hello.query()).toBe("hello");
  end.abort();
  await Promise.all(calls);
  await until({ running: 0, queued: 0 });
});

test("leaves other errors as they are", async () => {
  const { client } = await start();
  await expect(client.tour.query({ country: "Germany" })).rejects.toMatchObject({ data: { code: "BAD_REQUEST", httpStatus: 400 } });
});
