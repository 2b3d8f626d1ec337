// The program as built for production, with real clients: some go away, some come when the queue is full.
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { build, start } from "../server.mjs";

/** Takes minutes, if nobody ends it. */
const forMinutes = { text: "conversations with a stranger", words: 4 };

beforeAll(build);

/** A server with one worker, where one call may wait. */
async function startServer() {
  const { url, stop } = await start({ MAX_WORKERS: "1", MAX_QUEUE: "1" });
  onTestFinished(stop);
  const page = await (await fetch(url)).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]*)"(?: value="([^"]*)")?/g)].map(([, name, value]) => [name!, (value ?? "").replaceAll("&quot;", '"')] as const);
  return {
    get: async (path: string, signal: AbortSignal | null = null) => fetch(`${url}/${path}`, { signal }),
    handler: async ({ text, words }: typeof forMinutes, signal: AbortSignal | null = null) => fetch(`${url}/anagrams/${encodeURIComponent(text)}?words=${words}`, { signal }),
    /** Sends the form as a browser without scripts does. */
    action: async ({ text, words }: typeof forMinutes, signal: AbortSignal | null = null) => {
      const body = new FormData();
      for (const [name, value] of [...hidden, ["text", text], ["words", String(words)]] as const) body.set(name, value);
      return fetch(url, { method: "POST", body, signal });
    },
    until: async (state: { readonly running: number; readonly queued: number }) => vi.waitFor(async () => expect(await (await fetch(`${url}/pool`)).json()).toEqual(state), { timeout: 20_000, interval: 10 }),
  };
}

test("computes on a thread, and answers the light route meanwhile", async () => {
  const { action, get, handler, until } = await startServer();
  const small = { text: "event loop", words: 2 };
  expect(await (await handler(small)).json()).toContain("novel poet");
  expect(await (await action(small)).text()).toContain("<li>novel poet</li>");
  const end = new AbortController();
  const heavy = handler(forMinutes, end.signal).catch(String);
  await until({ running: 1, queued: 0 });
  expect(await (await get("light")).text()).toBe("light");
  end.abort();
  await heavy;
});

test.each(["handler", "action"] as const)("frees the worker when the client of a route %s goes away, and drops what waits", async (kind) => {
  const { [kind]: ask, until } = await startServer();
  const [runs, waits] = [new AbortController(), new AbortController()];
  const running = ask(forMinutes, runs.signal);
  await until({ running: 1, queued: 0 });
  const waiting = ask(forMinutes, waits.signal);
  await until({ running: 1, queued: 1 });
  waits.abort();
  await expect(waiting).rejects.toThrow();
  await until({ running: 1, queued: 0 });
  runs.abort();
  await expect(running).rejects.toThrow();
  await until({ running: 0, queued: 0 });
  expect(await (await ask({ text: "node", words: 1 })).text()).toContain("done");
});

test("answers 503 with Retry-After when the queue is full", async () => {
  const { action, get, handler, until } = await startServer();
  const end = new AbortController();
  const calls = [handler(forMinutes, end.signal).catch(String)];
  await until({ running: 1, queued: 0 });
  calls.push(action(forMinutes, end.signal).catch(String));
  await until({ running: 1, queued: 1 });
  for (const ask of [handler, action]) {
    const refused = await ask({ text: "node", words: 1 });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  }
  expect((await get("light")).status).toBe(200);
  end.abort();
  await Promise.all(calls);
  await until({ running: 0, queued: 0 });
});
