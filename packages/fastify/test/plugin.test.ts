// The plug-in in real servers, with clients that stay and clients that go away.
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { offloop, type OffloopPluginOptions } from "@offloop/fastify";
import { type CallEvent, channels, ThreadPoolExecutor } from "@offloop/workers";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { add, fails, hold, holdUntil } from "../../http/test/fixtures/tasks.mjs";
import { askHttp2 } from "../../http/test/servers.js";

/** Between two looks at a condition. Workers have a lower priority than this thread, so it must not spin. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const sharedWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

async function begun(words: Int32Array): Promise<void> {
  while (Atomics.load(words, 0) === 0) await pause();
}

function release(words: Int32Array): void {
  Atomics.store(words, 1, 1);
  Atomics.notify(words, 1);
}

async function serve(options: OffloopPluginOptions, routes: (app: FastifyInstance) => void, server: FastifyServerOptions = {}) {
  const app = Fastify(server);
  onTestFinished(() => app.close());
  await app.register(offloop, { watchdog: false, ...options });
  routes(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { app, port: (app.server.address() as AddressInfo).port };
}

function ask(port: number, path: string) {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const answer = (async () => {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  })();
  answer.catch(() => {});
  return { answer, goAway: () => void request.destroy() };
}

/** The messages of a server's log. */
function logTo(lines: Record<string, any>[]): FastifyServerOptions {
  return { logger: { level: "warn", stream: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, any>) } } };
}

describe("calls", () => {
  it("run on a worker, for the server and for a request", async () => {
    const { app, port } = await serve({ pool: { maxWorkers: 1 } }, (app) => {
      app.get("/sum", async (request) => String(await request.offload(add, 20, 22)));
    });
    expect(await app.offload(add, 1, 2)).toBe(3);
    expect(await ask(port, "/sum").answer).toMatchObject({ status: 200, text: "42" });
  });

  it("use the executor of toThread, or the one that the program passes and keeps", async () => {
    const shared = await serve({}, (app) => app.get("/", async (request) => String(await request.offload(add, 1, 1))));
    expect(await ask(shared.port, "/").answer).toMatchObject({ text: "2" });
    const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    onTestFinished(() => executor.shutdown());
    const passed = await serve({ executor }, (app) => app.get("/", async (request) => String(await request.offload(add, 1, 1))));
    expect(await ask(passed.port, "/").answer).toMatchObject({ text: "2" });
    expect(executor.stats().fulfilled).toBe(1);
    await passed.app.close();
    expect(await executor.submit(add, 1, 2)).toBe(3);
  });

  it("end when the client goes away, and their worker serves the next", async () => {
    const words = sharedWords();
    const { app, port } = await serve({ pool: { maxWorkers: 1 } }, (app) => {
      app.get("/slow", async (request) => request.offload(holdUntil, words));
    });
    const client = ask(port, "/slow");
    await begun(words);
    client.goAway();
    expect(await app.offload(add, 1, 2)).toBe(3);
  });

  it("have the route and its deadline in events and errors", async () => {
    const names: string[] = [];
    const note = (event: unknown): void => void names.push((event as CallEvent).callName);
    subscribe(channels.callSubmitted.name, note);
    onTestFinished(() => void unsubscribe(channels.callSubmitted.name, note));
    const { port } = await serve({ pool: { maxWorkers: 1 }, deadlineMs: 60_000 }, (app) => {
      app.get("/users/:id", async (request) => String(await request.offload(add, 1, 1)));
      app.get("/slow/:id", { config: { offload: { deadlineMs: 300 } } }, async (request) => request.offload(holdUntil, sharedWords()));
      app.get("/named", { config: { offload: { name: "report" } } }, async (request) => String(await request.offload(add, 1, 1)));
    });
    expect(await ask(port, "/users/7?token=secret").answer).toMatchObject({ text: "2" });
    expect(await ask(port, "/named").answer).toMatchObject({ text: "2" });
    const late = await ask(port, "/slow/7").answer;
    expect(late.status).toBe(503);
    expect(JSON.parse(late.text)).toMatchObject({ code: "ERR_OFFLOOP_REQUEST_TIMEOUT", message: expect.stringMatching(/^GET \/slow\/:id: holdUntil was not done 300 ms after/) });
    expect(names).toEqual(["GET /users/:id: add", "report: add", "GET /slow/:id: holdUntil"]);
  });

  it("take priority and limiter from their route, and give an error of the program unchanged", async () => {
    const order: string[] = [];
    const words = sharedWords();
    const { app, port } = await serve({ pool: { maxWorkers: 1 }, healthPath: "/health" }, (app) => {
      for (const [path, priority] of [["/low", 0], ["/high", 5]] as const) {
        app.get(path, { config: { offload: { priority, limiter: { acquire() {}, release: () => void order.push(path) } } } }, async (request) => String(await request.offload(add, 1, 1)));
      }
      app.get("/fails", async (request) => request.offload(fails));
    });
    const holding = app.offload(holdUntil, words);
    await begun(words);
    const low = ask(port, "/low").answer;
    const queued = async (): Promise<number> => (JSON.parse((await ask(port, "/health").answer).text) as { queued: number }).queued;
    while ((await queued()) < 1) await pause();
    const high = ask(port, "/high").answer;
    while ((await queued()) < 2) await pause();
    release(words);
    await Promise.all([holding, low, high]);
    expect(order).toEqual(["/high", "/low"]);
    expect(await ask(port, "/fails").answer).toMatchObject({ status: 418 });
  });
});

describe("an overloaded server", () => {
  it("refuses routes that offload while the queue is full, and answers light ones", async () => {
    const words = sharedWords();
    const lines: Record<string, any>[] = [];
    const { app, port } = await serve(
      { pool: { maxWorkers: 1, maxQueue: 1 }, healthPath: "/health" },
      (app) => {
        app.get("/light", async () => "light");
        app.get("/heavy", { config: { offload: {} } }, async (request) => String(await request.offload(add, 1, 1)));
        app.get("/late", async (request) => String(await request.offload(add, 1, 1)));
      },
      logTo(lines),
    );
    const holding = app.offload(holdUntil, words);
    await begun(words);
    const waiting = app.offload(add, 1, 1);
    while ((JSON.parse((await ask(port, "/health").answer).text) as { queued: number }).queued === 0) await pause();
    for (const path of ["/heavy", "/late"]) {
      const { status, headers, text } = await ask(port, path).answer;
      expect({ status, retryAfter: headers["retry-after"], body: JSON.parse(text) as unknown }).toEqual({
        status: 503,
        retryAfter: "1",
        body: { statusCode: 503, code: "ERR_OFFLOOP_OVERLOADED", error: "Service Unavailable", message: `The server is overloaded and refused GET ${path}. Try again in 1 s.` },
      });
    }
    expect(await ask(port, "/light").answer).toMatchObject({ status: 200, text: "light" });
    const health = await ask(port, "/health").answer;
    expect(health.status).toBe(503);
    expect(JSON.parse(health.text)).toEqual({ status: "queue-full", workers: 1, running: 1, queued: 1, expectedWaitMs: expect.any(Number), loopHeld: expect.any(Number) });
    expect(lines.find(({ msg }) => msg === "requests are refused")).toMatchObject({ refusal: { reason: "queue-full", queued: 1 } });
    release(words);
    await Promise.all([holding, waiting]);
    expect(await ask(port, "/heavy").answer).toMatchObject({ status: 200, text: "2" });
    expect(await ask(port, "/health").answer).toMatchObject({ status: 200 });
  });

  it("refuses every route but the health route's while the loop is held", async () => {
    const { port } = await serve({ pool: { maxWorkers: 1 }, healthPath: "/health" }, (app) => {
      app.get("/light", async () => "light");
      app.get("/patient", { config: { offload: { maxLoopHeld: 1 } } }, async () => "patient");
    });
    const stall = { startedAt: performance.timeOrigin + performance.now() - 10_000, durationMs: 100, place: { file: "/app.js", line: 7, column: 1, function: "slow" } };
    channel("offloop:stall:begin").publish({ stall });
    expect(await ask(port, "/light").answer).toMatchObject({ status: 503 });
    expect(await ask(port, "/patient").answer).toMatchObject({ status: 200, text: "patient" });
    const health = await ask(port, "/health").answer;
    expect(health).toMatchObject({ status: 503, text: expect.stringContaining("loop-held") });
    expect(health.text).not.toContain("app.js");
    channel("offloop:stall:end").publish({ stall });
    expect(await ask(port, "/light").answer).toMatchObject({ status: 200 });
  });

  it.each(["HTTP/1", "HTTP/2"])("writes the line that held the loop, and the route, to its log, over %s", async (version) => {
    const lines: Record<string, any>[] = [];
    const { app, port } = await serve({ watchdog: { thresholdMs: 50, startupThresholdMs: Infinity } }, (app) => {
      app.get("/held/:id", { config: { offload: { maxLoopHeld: 1 } } }, async () => String(hold(300)));
      app.get("/light", async () => "light");
    }, { ...logTo(lines), ...(version === "HTTP/2" && { http2: true }) } as FastifyServerOptions);
    const request = version === "HTTP/2" ? askHttp2 : ask;
    const found = () => lines.find(({ stall }) => stall?.place?.function === "hold");
    while (found() === undefined) await request(port, "/held/7?token=secret").answer;
    expect(found()).toMatchObject({ stall: { place: { file: expect.stringContaining("tasks.mjs") }, request: "GET /held/7 (route /held/:id)" }, msg: expect.stringContaining("hold") });
    // The other tests' servers would refuse requests too.
    while (app.serverLoad.refusal() !== undefined) await pause();
    expect((await request(port, "/light").answer).status).toBe(200);
  });
});

describe("a health check of the program", () => {
  it("refuses requests while it fails, from before the server starts on, and tells why at the health route", async () => {
    let found: unknown = false;
    const check = async (): Promise<any> => {
      if (found instanceof Error) throw found;
      return found;
    };
    const lines: Record<string, any>[] = [];
    const options = { maxLoopHeld: 1, healthCheck: check, healthCheckIntervalMs: 20, healthPath: "/health", healthRoute: { config: { own: true } as object } };
    const { app, port } = await serve(options, (app) => app.get("/", async () => "hello"), logTo(lines));
    expect(await ask(port, "/").answer).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    expect(app.serverLoad.refusal()).toMatchObject({ reason: "unhealthy" });
    found = new Error("no database");
    while (!lines.some(({ msg }) => msg === "the health check failed")) await pause();
    expect(lines.find(({ msg }) => msg === "the health check failed")).toMatchObject({ err: { message: "no database" } });
    expect((await ask(port, "/").answer).status).toBe(503);
    found = { database: "up", pool: 3 };
    while ((await ask(port, "/").answer).status !== 200);
    const health = await ask(port, "/health").answer;
    expect(health.status).toBe(200);
    expect(JSON.parse(health.text)).toMatchObject({ status: "ok", database: "up", pool: 3, queued: 0 });
    found = undefined;
    while ((await ask(port, "/").answer).status !== 503);
    expect(await ask(port, "/health").answer).toMatchObject({ status: 503, text: expect.stringContaining('"status":"unhealthy"') });
  });

  it("is run by the health route alone where it has no interval, and refuses nothing", async () => {
    let [up, checks] = [true, 0];
    const { app, port } = await serve({ maxLoopHeld: 1, healthCheck: (given) => (checks += 1, given === app && up), healthPath: "/health" }, (app) => app.get("/", async () => "hello"));
    expect(checks).toBe(0);
    expect((await ask(port, "/health").answer).status).toBe(200);
    up = false;
    expect((await ask(port, "/health").answer).status).toBe(503);
    expect((await ask(port, "/").answer).status).toBe(200);
    expect(checks).toBe(2);
  });

  it("fails when it takes longer than healthCheckTimeoutMs, and does not hold the server", async () => {
    const { port } = await serve({ maxLoopHeld: 1, healthCheck: () => new Promise(() => {}), healthCheckIntervalMs: 60_000, healthCheckTimeoutMs: 30, healthPath: "/health" }, (app) => app.get("/", async () => "hello"));
    expect((await ask(port, "/").answer).status).toBe(503);
    expect((await ask(port, "/health").answer).status).toBe(503);
  });
});

describe("onShed", () => {
  const heavy: OffloopPluginOptions = { maxLoopHeld: 1, maxRssBytes: 2 ** 20, retryAfterMs: 7_000 };

  it("decides: the answer, an error, or that the request is accepted; at the plug-in or at a route", async () => {
    const seen: unknown[] = [];
    const { port } = await serve({ ...heavy, onShed: ({ refusal }, request) => void seen.push([request.url, refusal.reason]) }, (app) => {
      app.get("/refused", async () => "served");
      app.get("/accepted", { config: { offload: { onShed: async () => "accept" } } }, async (request) => String(await request.offload(add, 20, 22)));
      app.get("/answered", { config: { offload: { onShed: (_error, _request, reply) => reply.code(202).send("later") } } }, async () => "served");
      app.get("/later", { config: { offload: { onShed: async (_error, _request, reply) => { await pause(); void reply.send("even later"); } } } }, async () => "served");
      app.get("/own", { config: { offload: { onShed: () => { throw Object.assign(new Error("of the program"), { statusCode: 429 }); } } } }, async () => "served");
      app.get("/allowed", { config: { offload: { maxRssBytes: Infinity } } }, async () => "served");
    });
    expect(await ask(port, "/refused").answer).toMatchObject({ status: 503, headers: { "retry-after": "7" } });
    expect(await ask(port, "/accepted").answer).toMatchObject({ status: 200, text: "42" });
    expect(await ask(port, "/answered").answer).toMatchObject({ status: 202, text: "later" });
    expect(await ask(port, "/later").answer).toMatchObject({ status: 200, text: "even later" });
    expect(await ask(port, "/own").answer).toMatchObject({ status: 429, text: expect.stringContaining("of the program") });
    expect(await ask(port, "/allowed").answer).toMatchObject({ status: 200, text: "served" });
    expect(seen).toEqual([["/refused", "rss"]]);
  });

  it("stands beside app.serverLoad, which tells the same", async () => {
    const { app, port } = await serve({ ...heavy, healthPath: "/health" }, () => {});
    expect(app.serverLoad.refusal()).toMatchObject({ reason: "rss", retryAfterMs: 7_000 });
    expect(app.serverLoad.refusal({ maxRssBytes: Infinity })).toBeUndefined();
    expect(app.serverLoad.read()).toMatchObject({ queued: 0, process: { rssBytes: expect.any(Number), loopDelayMs: expect.any(Number) } });
    expect(JSON.parse((await ask(port, "/health").answer).text)).toMatchObject({ status: "rss", rssBytes: expect.any(Number), loopUtilization: expect.any(Number) });
  });
});

describe("closing", () => {
  it("answers the requests that it has, then ends the calls of its own pool, then its threads", async () => {
    const [first, second] = [sharedWords(), sharedWords()];
    const { app, port } = await serve({ pool: { maxWorkers: 2 } }, (app) => {
      app.get("/slow", async (request) => String(await request.offload(holdUntil, first)));
    });
    const answer = ask(port, "/slow").answer;
    const call = app.offload(holdUntil, second).then(() => "done");
    await Promise.all([begun(first), begun(second)]);
    const order: string[] = [];
    const closing = app.close().then(() => void order.push("closed"));
    void answer.then(() => order.push("answered"));
    void call.then(() => order.push("called"));
    release(first);
    expect(await answer).toMatchObject({ status: 200 });
    release(second);
    await closing;
    expect(order).toEqual(["answered", "called", "closed"]);
    await expect(app.offload(add, 1, 2)).rejects.toMatchObject({ code: "ERR_OFFLOOP_SHUTDOWN" });
  });

  it("cancels what is left after closeTimeoutMs", async () => {
    const words = sharedWords();
    const { app } = await serve({ pool: { maxWorkers: 1 }, closeTimeoutMs: 100 }, () => {});
    const call = app.offload(holdUntil, words);
    call.catch(() => {});
    await begun(words);
    await app.close();
    await expect(call).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
  });
});

it("belongs to the context that registers it", async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(async (one) => {
    await one.register(offloop, { watchdog: false, pool: { maxWorkers: 1 }, healthPath: "/health" });
    one.get("/sum", async (request) => String(await request.offload(add, 1, 1)));
  }, { prefix: "/one" });
  await app.register(async (two) => {
    await two.register(offloop, { watchdog: false, pool: { maxWorkers: 1 } });
    two.get("/sum", async (request) => String(await request.offload(add, 2, 2)));
  }, { prefix: "/two" });
  await app.ready();
  expect(app.hasDecorator("offload")).toBe(false);
  expect((await app.inject("/one/sum")).body).toBe("2");
  expect((await app.inject("/two/sum")).body).toBe("4");
  expect((await app.inject("/one/health")).json()).toMatchObject({ status: "ok" });
});

it.each<[string, object, string]>([
  ["maxWait", { maxWait: 5 }, "maxWait"],
  ["pool", { pool: 5 }, "pool"],
  ["pool.maxWorkers", { pool: { maxWorkers: 0 } }, "maxWorkers"],
  ["executor", { executor: {} }, "executor"],
  ["pool and executor", { pool: {}, executor: { submit() {}, stats() {}, with() {} } }, "executor"],
  ["maxLoopHeld", { maxLoopHeld: 2 }, "maxLoopHeld"],
  ["healthPath", { healthPath: "health" }, "healthPath"],
  ["maxLoopDelayMs", { maxLoopDelayMs: "20" }, "maxLoopDelayMs"],
  ["maxRssBytes", { maxRssBytes: 0 }, "maxRssBytes"],
  ["healthCheck", { healthCheck: true, healthPath: "/health" }, "healthCheck"],
  ["healthCheck, which nothing runs", { healthCheck: async () => true }, "healthCheck"],
  ["healthCheckIntervalMs", { healthCheckIntervalMs: 0 }, "healthCheckIntervalMs"],
  ["healthCheckTimeoutMs", { healthCheckTimeoutMs: "5" }, "healthCheckTimeoutMs"],
  ["healthRoute without healthPath", { healthRoute: {} }, "healthRoute"],
  ["onShed", { onShed: "log" }, "onShed"],
  ["watchdog", { watchdog: "yes" }, "watchdog"],
  ["closeTimeoutMs", { closeTimeoutMs: -1 }, "closeTimeoutMs"],
])("refuses the option %s", async (_title, options, option) => {
  const app = Fastify();
  await expect(app.register(offloop, options).ready()).rejects.toMatchObject({ code: "ERR_OFFLOOP_INVALID_OPTION", option });
});

it.each<[string, object]>([["deadlineMs", { deadlineMs: "5" }], ["priority", { priority: NaN }], ["maxWaitMs", { maxWaitMs: -1 }], ["deadline", { deadline: 5 }], ["maxLoopUtilization", { maxLoopUtilization: 2 }], ["onShed", { onShed: 5 }]])("refuses the option %s of a route", async (option, offload) => {
  const app = Fastify();
  await app.register(offloop, { watchdog: false });
  expect(() => app.get("/", { config: { offload } }, async () => "")).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION", option }));
  await app.close();
});
