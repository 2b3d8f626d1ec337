// Calls on behalf of a request: what ends them, what they are called, and the answers that their errors become.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CancelledError, CapacityLimiter, QueueFullError } from "@offloop/core";
import { type AnyRequest, offloadFor, type OffloadForOptions, RequestTimeoutError } from "@offloop/http";
import { type CallEvent, channels, type CallSettledEvent, ThreadPoolExecutor } from "@offloop/workers";
import { describe, expect, it, onTestFinished } from "vitest";
import { add, careful, fails, hold, holdUntil } from "./fixtures/tasks.mjs";
import { ask, everywhere, frameworks, gate, listen } from "./servers.js";

const sharedWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

function onePool(options: object = {}): ThreadPoolExecutor {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, ...options });
  onTestFinished(() => pool.shutdown({ timeoutMs: 0 }));
  return pool;
}

async function started(words: Int32Array): Promise<void> {
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Runs `fn` for a request to a server of Node's, and gives the outcome of the call and the client. */
async function serving(use: (request: AnyRequest) => Promise<unknown>) {
  const outcome = gate<Promise<unknown>>();
  const { port } = await listen(
    frameworks["Express"]!((request) => {
      const call = use(request);
      outcome.open(call);
      call.catch(() => {});
      return call.then(String);
    }),
  );
  const client = ask(port);
  return { client, call: outcome.promise };
}

describe.each(everywhere)("$name", ({ serve, ask }) => {
  it("frees the worker when the client goes away, though the function looks at nothing", async () => {
    const pool = onePool();
    const words = sharedWords();
    const rejection = gate<unknown>();
    const { port } = await listen(
      serve(async (request) => {
        await offloadFor(request, { executor: pool })(holdUntil, words).catch(rejection.open);
        return "";
      }),
    );
    const client = ask(port);
    await started(words);
    client.goAway();
    expect(await rejection.promise).toMatchObject({ code: "ERR_OFFLOOP_CANCELLED", cause: { code: "ERR_OFFLOOP_CLIENT_GONE" }, statusCode: 499 });
    expect(await pool.submit(add, 1, 2)).toBe(3);
  });

  it("answers with the result", async () => {
    const pool = onePool();
    const { port } = await listen(serve(async (request) => String(await offloadFor(request, { executor: pool })(add, 20, 22))));
    expect(await ask(port).answer).toMatchObject({ status: 200, text: "42" });
  });
});

it("keeps the worker of a function that ends by itself", async () => {
  const pool = onePool();
  const words = sharedWords();
  const { client, call } = await serving((request) => offloadFor(request, { executor: pool, graceMs: 20_000 })(careful, words));
  await started(words);
  client.goAway();
  await expect(call).rejects.toBeInstanceOf(CancelledError);
  expect(await pool.submit(add, 1, 2)).toBe(3);
  expect(pool.stats()).toMatchObject({ workersStarted: 1, crashes: 0 });
});

it("never starts a call that waits when its client goes away", async () => {
  const pool = onePool();
  const [first, second] = [sharedWords(), sharedWords()];
  const holding = pool.submit(holdUntil, first);
  await started(first);
  const { client, call } = await serving((request) => offloadFor(request, { executor: pool })(holdUntil, second));
  while (pool.stats().queued + pool.stats().running < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  client.goAway();
  await expect(call).rejects.toBeInstanceOf(CancelledError);
  Atomics.store(first, 1, 1);
  Atomics.notify(first, 1);
  await holding;
  expect(await pool.submit(add, 1, 2)).toBe(3);
  expect(second[0]).toBe(0);
});

it("ends a call at the deadline of its request, and answers 503", async () => {
  const pool = onePool();
  const words = sharedWords();
  const { client, call } = await serving((request) => offloadFor(request, { executor: pool, deadlineMs: 500 })(holdUntil, words));
  await expect(call).rejects.toBeInstanceOf(RequestTimeoutError);
  await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_REQUEST_TIMEOUT", deadlineMs: 500, callName: "GET /docs/:name: holdUntil" });
  expect(await client.answer).toMatchObject({ status: 503 });
  expect(await pool.submit(add, 1, 2)).toBe(3);
});

it("counts the deadline from the arrival of the request, so a later call never starts", async () => {
  const pool = onePool();
  const words = sharedWords();
  const { call } = await serving(async (request) => {
    const end = performance.now() + 30;
    while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    return offloadFor(request, { executor: pool, deadlineMs: 20 })(holdUntil, words);
  });
  await expect(call).rejects.toBeInstanceOf(RequestTimeoutError);
  expect(pool.stats().workersStarted).toBe(0);
  expect(words[0]).toBe(0);
});

it("names the request and the function in events", async () => {
  const pool = onePool();
  const names: string[] = [];
  const note = (event: unknown): void => void names.push((event as CallEvent).callName);
  subscribe(channels.callSubmitted.name, note);
  onTestFinished(() => void unsubscribe(channels.callSubmitted.name, note));
  const settled = gate<CallSettledEvent>();
  const end = (event: unknown): void => settled.open(event as CallSettledEvent);
  subscribe(channels.callSettled.name, end);
  onTestFinished(() => void unsubscribe(channels.callSettled.name, end));
  await (await serving((request) => offloadFor(request, { executor: pool })(add, 1, 2))).client.answer;
  await (await serving((request) => offloadFor(request, { executor: pool, name: "import" })(add, 1, 2))).client.answer;
  expect(names).toEqual(["GET /docs/:name: add", "import: add"]);
  expect(await settled.promise).toMatchObject({ callName: "GET /docs/:name: add", outcome: "fulfilled" });
});

it("answers 503 with Retry-After when the queue is full, and the error of the program unchanged", async () => {
  const pool = onePool({ maxQueue: 1 });
  const words = sharedWords();
  const holding = pool.submit(holdUntil, words);
  await started(words);
  const waiting = pool.submit(add, 1, 1);
  const { client, call } = await serving((request) => offloadFor(request, { executor: pool })(add, 1, 2));
  await expect(call).rejects.toBeInstanceOf(QueueFullError);
  expect(await client.answer).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  await Promise.all([holding, waiting]);
  const failed = await serving((request) => offloadFor(request, { executor: pool })(fails));
  await expect(failed.call).rejects.toMatchObject({ name: "RangeError", statusCode: 418 });
  expect(await failed.client.answer).toMatchObject({ status: 418 });
});

it("respects priority and limiter", async () => {
  const pool = onePool();
  const limiter = new CapacityLimiter(1);
  const words = sharedWords();
  const { call } = await serving((request) => offloadFor(request, { executor: pool, limiter, priority: 3 })(holdUntil, words));
  await started(words);
  expect(limiter.availableTokens).toBe(0);
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
  await call;
  expect(limiter.availableTokens).toBe(1);
});

it("uses the executor of toThread by default", async () => {
  const { client } = await serving((request) => offloadFor(request)(hold, 1));
  expect(await client.answer).toMatchObject({ status: 200, text: "1" });
});

it.each<[string, unknown]>([
  ["deadlineMs", -1],
  ["graceMs", "50"],
  ["priority", NaN],
  ["limiter", {}],
  ["name", ""],
  ["executor", 5],
  ["timeout", 5],
])("refuses the option %s: %o", (option, value) => {
  const request = new Request("http://localhost/");
  expect(() => offloadFor(request, { [option]: value } as OffloadForOptions)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION", option }));
  expect(() => offloadFor({} as never)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_ARGUMENT" }));
});

it("gives the status 499 to the call of a Fetch request whose platform aborts it", async () => {
  const controller = new AbortController();
  const request = new Request("http://localhost/docs/one", { signal: controller.signal });
  const words = sharedWords();
  const call = offloadFor(request, { executor: onePool() })(holdUntil, words);
  await started(words);
  controller.abort(new Error("ResponseAborted"));
  await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED", statusCode: 499, cause: { message: "ResponseAborted" } });
});
