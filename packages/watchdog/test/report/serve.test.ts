// The endpoint over HTTP, with data that the test writes. programs.test.ts checks that it answers while the loop is
// held.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Stall } from "#watchdog/protocol/stall.js";
import { History } from "#watchdog/place/history.js";
import { PlaceBook } from "#watchdog/place/place-book.js";
import { LiveFeed } from "#watchdog/report/live-feed.js";
import type { Samples } from "#watchdog/report/sampling.js";
import { serve } from "#watchdog/report/serve.js";
import type { Sample as WatchedSample } from "#watchdog/protocol/sample.js";
import { checkMetrics } from "./check-metrics.js";

type Entered = Parameters<PlaceBook["enter"]>[0];

const script = (line: number, more: Partial<NonNullable<Entered["place"]>> = {}): Entered => ({ kind: "script", place: { file: "/app/report.js", line, column: 1, function: "report", ...more }, call: undefined });
const nowhere = (kind: Stall["kind"], call?: string): Entered => ({ kind, place: undefined, call });

async function served(running?: Stall, samples: Samples = {}) {
  const book = new PlaceBook(0);
  const history = new History();
  const source = { watch: { running: () => running }, book, history, ...samples };
  const feed = new LiveFeed({ ...source, program: "/app/server.js", cwd: "/app", thresholdMs: 100 });
  const server = serve({ port: 0, host: "127.0.0.1", hosts: ["app.internal"], unhealthyAfterMs: 200 }, { ...source, feed, listening: (url) => server.emit("told", url) });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const [url] = (await once(server, "told")) as [string];
  const metrics = async () => {
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return parseExposition(checkMetrics(await answer.text()));
  };
  const enter = (what: Entered, durationMs: number) => void book.enter(what, durationMs, true, false);
  return { url, server, history, enter, metrics, sampling: feed.sampling };
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses Prometheus's text format. Throws if a scraper would refuse it. */
function parseExposition(text: string): { readonly samples: readonly Sample[]; readonly types: ReadonlyMap<string, string> } {
  if (!text.endsWith("\n")) throw new Error("The last line has no end.");
  const helps = new Set<string>();
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    const [, about, of = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (about !== undefined) {
      if (samples.some(({ name }) => name === of) || (about === "HELP" ? helps : types).has(of)) throw new Error(`Late or twice: ${line}`);
      if (about === "HELP") helps.add(of);
      else if (/^(counter|gauge|histogram)$/.test(rest)) types.set(of, rest);
      else throw new Error(`No type of this: ${line}`);
      continue;
    }
    const [, name = "", labelText = "", number = ""] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const value = Number(number);
    if (name === "" || Number.isNaN(value)) throw new Error(`No series: ${line}`);
    const family = types.get(name) === undefined ? name.replace(/_(bucket|sum|count)$/, "") : name;
    if (!helps.has(family) || !types.has(family)) throw new Error(`Without HELP or TYPE before it: ${line}`);
    if (types.get(family) !== "histogram" && samples.some((sample) => sample.name === name) && samples.at(-1)!.name !== name) throw new Error(`Apart from its group: ${line}`);
    const labels = parseLabels(labelText);
    const key = JSON.stringify([name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    if (seen.has(key)) throw new Error(`The same series twice: ${line}`);
    seen.add(key);
    samples.push({ name, labels, value });
  }
  return { samples, types };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;
  while (label.lastIndex < text.length) {
    const at = label.lastIndex;
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels) throw new Error(`No label: ${text.slice(at)}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}

const byPlace = "offloop_place_stalled_seconds_total";

it("shows zeros for a program without stalls, each with its type", async () => {
  const { metrics } = await served();
  const { samples, types } = await metrics();
  expect(samples).toEqual(["offloop_stalls_total", "offloop_stalled_seconds_total", "offloop_longest_stall_seconds", "offloop_running_stall_seconds"].map((name) => ({ name, labels: {}, value: 0 })));
  expect(Object.fromEntries(types)).toEqual({
    offloop_stalls_total: "counter", offloop_stalled_seconds_total: "counter", offloop_longest_stall_seconds: "gauge", offloop_running_stall_seconds: "gauge", [byPlace]: "counter", offloop_stall_seconds: "histogram",
  });
});

it("counts stalls and their seconds, and the running one separately", async () => {
  const { history, metrics } = await served({ durationMs: 1_234.5 } as Stall);
  for (const durationMs of [150, 350]) history.ended({ kind: "script", durationMs } as Stall);
  const { samples } = await metrics();
  const own = samples.filter(({ name }) => !name.startsWith("offloop_stall_seconds"));
  expect(own.map(({ value }) => value)).toEqual([2, 0.5, 0.35, 1.2345]);
  const buckets = samples.filter(({ name, labels }) => name === "offloop_stall_seconds_bucket" && labels["kind"] === "script");
  expect(buckets.map(({ labels, value }) => [labels["le"], value])).toEqual([["0.02", 0], ["0.05", 0], ["0.1", 0], ["0.2", 1], ["0.5", 2], ["1", 2], ["2", 2], ["5", 2], ["10", 2], ["30", 2], ["60", 2], ["+Inf", 2]]);
  expect(samples.filter(({ name }) => /stall_seconds_(sum|count)/.test(name)).map(({ value }) => value)).toEqual([0.5, 2]);
});

it("gives each series once: calls and stalls without a place are summed by kind", async () => {
  const { enter, metrics } = await served();
  enter(nowhere("native", 'fs.readFileSync("/a")'), 100);
  enter(nowhere("native", 'fs.readFileSync("/b")'), 250);
  enter(nowhere("native"), 1_000);
  enter(nowhere("starved"), 400);
  enter(script(3), 500);
  enter(script(3), 200);
  enter(script(4), 300);
  const at = (line: number) => ({ file: "/app/report.js", line: String(line), function: "report", kind: "script" });
  const { samples } = await metrics();
  expect(samples.filter(({ name }) => name === byPlace).map(({ labels, value }) => [labels, value])).toEqual([
    [{ file: "", line: "0", function: "", kind: "native" }, 1.35],
    [at(3), 0.7],
    [{ file: "", line: "0", function: "", kind: "starved" }, 0.4],
    [at(4), 0.3],
  ]);
});

it("a sum never decreases when a place drops out of the worst places", async () => {
  const { enter, metrics } = await served();
  const nowhereSeconds = async () => (await metrics()).samples.find(({ labels }) => labels["kind"] === "native")?.value;
  enter(nowhere("native", 'fs.readFileSync("/a")'), 900);
  enter(nowhere("native", 'fs.readFileSync("/b")'), 100);
  expect(await nowhereSeconds()).toBe(1);
  for (let line = 1; line <= 19; line++) enter(script(line), 500);
  expect(await nowhereSeconds()).toBe(1);
  enter(script(20), 500);
  expect((await metrics()).samples.filter(({ name }) => name === byPlace)).toHaveLength(20);
});

it.each([
  ['quotes "', 'C:\\app\\"x".js', '"quoted"'],
  ["backslashes", "C:\\new\\temp\\n.js", "a\\"],
  ["newlines", "/app/a\nb.js", "f\n}"],
  ["braces, commas and equals signs", '/app/{a="b",c}.js', 'x="1"} 2'],
])("escapes %s in the names of files and functions, so that they are read back as they were", async (_, file, name) => {
  const { enter, metrics } = await served();
  enter(script(7, { file, function: name }), 100);
  const { samples } = await metrics();
  expect(samples.at(-1)).toEqual({ name: byPlace, labels: { file, line: "7", function: name, kind: "script" }, value: 0.1 });
});

it("is healthy in a short stall, and answers HEAD and a query", async () => {
  const short = await served({ durationMs: 199, kind: "script" } as Stall);
  expect((await fetch(`${short.url}/healthz?probe=1`)).status).toBe(200);
  const long = await served({ durationMs: 200, kind: "script" } as Stall);
  const head = await fetch(`${long.url}/healthz`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([503, ""]);
});

/** Sends a request as it is written. @returns the status line */
async function raw(url: string, head: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.setEncoding("utf8").end(head);
  let text = "";
  for await (const chunk of socket) text += chunk as string;
  return text.split("\r\n")[0]!;
}

/** A sample with calls of these executors, each of which has a pool. */
function sampleOf(names: readonly string[], at = Date.now()): WatchedSample {
  const buckets = { counts: [1, 2, ...Array.from({ length: 13 }, () => 0)], sum: 0.0007 };
  const worker = (call: string | undefined, held: number, phase = "ready") => ({ id: 1, phase, call, runMs: undefined, held });
  return {
    at,
    pools: names.map((name) => ({ kind: "thread", name, maxWorkers: 4, queued: 5, settled: 0, workers: [worker("a", 2), worker(undefined, 0), worker(undefined, 0, "starting")] })),
    calls: {
      outcomes: names.map((executor) => ({ executor, kind: "thread", outcome: "fulfilled", wait: buckets, run: buckets })),
      requeues: names.map((executor) => ({ executor, kind: "thread", count: 1 })),
      exits: names.map((executor) => ({ executor, kind: "thread", expected: true, count: 2 })),
    },
  } as unknown as WatchedSample;
}

/** An endpoint whose watched thread answers with the next of these samples, and not at all after the last. */
async function answering(...answers: readonly WatchedSample[]) {
  const left = [...answers];
  const endpoint = await served(undefined, { ask: () => setImmediate(() => left.length > 0 && endpoint.sampling.sampled(left.shift()!)) });
  return endpoint;
}

it("sums calls over samples, and shows the pools of the last one, also when the watched thread does not answer", async () => {
  const { metrics } = await answering(sampleOf(["render"]), sampleOf(["render", "render"], Date.now() - 5_000));
  await metrics();
  await metrics();
  const { samples } = await metrics();
  const values = (name: string) => samples.filter((sample) => sample.name === name).map(({ labels, value }) => [...Object.values(labels), value]);
  expect(values("offloop_call_wait_seconds_count")).toEqual([["render", "thread", "fulfilled", 9]]);
  expect(values("offloop_call_run_seconds_bucket").slice(0, 3)).toEqual([["render", "thread", "fulfilled", "0.0001", 3], ["render", "thread", "fulfilled", "0.0003", 9], ["render", "thread", "fulfilled", "0.001", 9]]);
  expect(values("offloop_call_requeues_total")).toEqual([["render", "thread", 3]]);
  expect(values("offloop_worker_exits_total")).toEqual([["render", "thread", "true", 6]]);
  const gauges = ["workers", "busy_workers", "max_workers", "queued_calls", "running_calls"].map((gauge) => values(`offloop_executor_${gauge}`));
  expect(gauges).toEqual([4, 2, 8, 10, 6].map((value) => [["render", "thread", value]]));
  expect(Number(values("offloop_pools_age_seconds")[0]![0])).toBeGreaterThanOrEqual(5);
});

it("tells 50 executors apart, and adds up all others", async () => {
  const { metrics } = await answering(sampleOf(Array.from({ length: 10_000 }, (_, index) => `pool ${index}`)));
  const { samples } = await metrics();
  const workers = samples.filter(({ name }) => name === "offloop_executor_workers");
  expect(workers).toHaveLength(51);
  expect(workers.at(-1)).toMatchObject({ labels: { executor: "other", kind: "other" }, value: 2 * 9_950 });
  expect(samples.length).toBeLessThan(2_500);
});

it.each([
  ["localhost", 200], ["localhost:9464", 200], ["LOCALHOST", 200], ["127.0.0.1:1", 200], ["[::1]:80", 200], ["10.2.3.4", 200], ["app.internal", 200], ["App.Internal:80", 200],
  ["evil.example", 403], ["evil.example:9464", 403], ["localhost.evil.example", 403], ["127.0.0.1.evil.example", 403], ["", 403],
])("answers for the host %j with %i", async (host, status) => {
  const { url } = await served();
  expect(await raw(url, `GET /stalls HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

it("answers HTTP/1.0 without a host, and refuses methods other than GET and HEAD", async () => {
  const { url } = await served();
  expect(await raw(url, "GET /healthz HTTP/1.0\r\n\r\n")).toContain(" 200 ");
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const refused = await fetch(`${url}/stalls`, { method });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  }
});

it("takes a few connections only, and closes silent ones", async () => {
  const { url, server } = await served();
  let [accepted, dropped] = [0, 0];
  server.on("connection", () => (accepted += 1)).on("drop", () => (dropped += 1));
  const sockets = Array.from({ length: 100 }, () => connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {}));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const count = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, open) => resolve(open)));
  await vi.waitFor(() => expect(accepted + dropped).toBe(100));
  expect([await count(), dropped]).toEqual([32, 68]);
  await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket.resume(), "close"))));
  expect(await count()).toBe(0);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
}, 20_000);
