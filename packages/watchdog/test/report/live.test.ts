// The live page's files, its stream of events and its details of a stall, as a program serves them.
import { get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { LiveUpdate, StallDetails } from "#watchdog/protocol/live.js";
import { History } from "#watchdog/place/history.js";
import { PlaceBook } from "#watchdog/place/place-book.js";
import type { Sample } from "#watchdog/protocol/sample.js";
import type { Stall } from "#watchdog/protocol/stall.js";
import { LiveFeed, type LiveSource } from "#watchdog/report/live-feed.js";
import { serve } from "#watchdog/report/serve.js";
import { startLive } from "../live-program.js";
import { checkMetrics } from "./check-metrics.js";

/** A connection to the events of a page. */
async function open(url: string) {
  const request = get(`${url}/events`);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  onTestFinished(() => void request.destroy());
  const updates: LiveUpdate[] = [];
  let text = "";
  response.setEncoding("utf8").on("data", (part: string) => {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      updates.push(JSON.parse(text.slice("data: ".length, end)) as LiveUpdate);
      text = text.slice(end + 2);
    }
  });
  response.on("error", () => {});
  const until = async <Found>(find: (all: readonly LiveUpdate[]) => Found | undefined): Promise<Found> => {
    for (;;) {
      const found = find(updates);
      if (found !== undefined) return found;
      await pause(10);
    }
  };
  return { response, updates, until, close: () => request.destroy() };
}

it("tells of a stall while it lasts, and of calls and tasks only while a page is open", async () => {
  const program = await startLive();
  onTestFinished(() => void program.child.kill("SIGKILL"));
  expect(await program.isRecorded()).toBe(false);
  const page = await open(program.url);
  const { executor, worker } = await page.until((all) => all.flatMap(({ sample }) => sample?.calls.spans ?? []).find(({ name }) => name === "renderInvoice"));
  expect([executor, worker]).toEqual(["thread", expect.any(Number)]);
  const sample = await page.until((all) => all.findLast((update) => update.sample?.calls.executors.some(({ wait }) => wait !== undefined))?.sample);
  expect(sample).toMatchObject({ taskCount: 8, waits: expect.arrayContaining([["Queue.get()", 3]]), pools: [{ kind: "thread", maxWorkers: 3 }] });
  expect(sample!.calls.functions.find(({ name }) => name === "resizePhoto")).toMatchObject({ count: expect.any(Number), meanMs: expect.any(Number) });
  expect(await program.isRecorded()).toBe(true);

  const flag = join(mkdtempSync(join(tmpdir(), "offloop-live-")), "flag");
  onTestFinished(() => rmSync(dirname(flag), { recursive: true }));
  program.hold(flag);
  const running = await page.until((all) => all.findLast((update) => update.running?.where.startsWith("monthlyReport"))?.running);
  expect(program.lines).not.toContain("went on");
  const { length } = page.updates;
  await page.until((all) => (all.length > length + 1 ? true : undefined)); // it goes on to tell
  const details = (await (await fetch(`${program.url}/stalls/${running!.id}`)).json()) as StallDetails;
  expect(program.lines).not.toContain("went on");
  expect(details).toMatchObject({ title: expect.stringMatching(/^The event loop has been held for \d+ ms so far by monthlyReport \(/), codeFrame: expect.stringContaining("Math.sqrt"), stack: expect.arrayContaining([expect.objectContaining({ origin: "user", text: expect.stringMatching(/^monthlyReport \(/) })]) });
  expect(details.flame[0]).toMatchObject({ origin: "root", left: 0, share: 1 });
  expect(details.flame.map(({ label }) => label)).toContain("monthlyReport");
  writeFileSync(flag, "");
  const ended = await page.until((all) => all.flatMap((update) => update.ended).find(({ id }) => id === running!.id));
  expect(ended.durationMs).toBeGreaterThan(500);
  expect(((await (await fetch(`${program.url}/stalls/${running!.id}`)).json()) as StallDetails).flame.map(({ label }) => label)).toContain("monthlyReport");

  page.close();
  while (await program.isRecorded());
}, 60_000);

it("tells a scraper of pools, also while the loop is held, and records calls from the first scrape on", async () => {
  const program = await startLive();
  onTestFinished(() => void program.child.kill("SIGKILL"));
  const scrape = async (): Promise<string> => checkMetrics(await (await fetch(`${program.url}/metrics`)).text());
  const calls = (text: string): number => Number(/^offloop_call_run_seconds_count\{executor="thread",kind="thread",outcome="fulfilled"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  expect(await program.isRecorded()).toBe(false);
  await scrape();
  expect(await program.isRecorded()).toBe(true);
  let before = await scrape();
  while (calls(before) === 0) before = await scrape();
  expect(before).toMatch(/^offloop_executor_workers\{executor="thread",kind="thread"\} [123]$/m);
  expect(before).toMatch(/^offloop_executor_max_workers\{executor="thread",kind="thread"\} 3$/m);

  const flag = join(mkdtempSync(join(tmpdir(), "offloop-live-")), "flag");
  onTestFinished(() => rmSync(dirname(flag), { recursive: true }));
  program.hold(flag);
  let held = await scrape();
  while (!/^offloop_running_stall_seconds (0\.|[1-9])/m.test(held)) held = await scrape();
  expect(program.lines).not.toContain("went on");
  expect(calls(held)).toBeGreaterThanOrEqual(calls(before));
  expect(held).toMatch(/^offloop_executor_workers\{executor="thread",kind="thread"\} [123]$/m);
  expect(Number(/^offloop_pools_age_seconds (\S+)$/m.exec(held)![1])).toBeGreaterThan(0);
  writeFileSync(flag, "");
  while (calls(await scrape()) === calls(held));
  expect(await scrape()).toMatch(/^offloop_stall_seconds_count\{kind="\w+"\} [1-9]/m);
}, 60_000);

function served(more: Partial<LiveSource> = {}) {
  const source = { watch: { running: () => undefined }, book: new PlaceBook(0), history: new History(), program: "/app/server.js", cwd: "/app", thresholdMs: 100, ...more };
  const feed = new LiveFeed(source);
  const server = serve({ port: 0, host: "127.0.0.1", hosts: [], unhealthyAfterMs: 200 }, { ...source, feed, listening: (url) => server.emit("told", url) });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { feed, history: source.history, url: once(server, "told").then(([url]) => url as string) };
}

it.each([["/", "text/html", "<main>"], ["/live.css", "text/css", "color-scheme"], ["/live.js", "text/javascript", "EventSource"]])("serves %s under a policy that lets nothing in from elsewhere", async (path, type, text) => {
  const answer = await fetch(`${await served().url}${path}`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringContaining(type)]);
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';.* frame-ancestors 'none'$/);
  const body = await answer.text();
  expect(body).toContain(text);
  expect(body).not.toMatch(/https?:\/\/|@import|<script>|style="/);
});

it.each(["/live.html", "/live", "/page/live.js", "/stalls/1", "/stalls/x", "/stalls/..%2f", "/constructor"])("has no %s", async (path) => {
  expect((await fetch(`${await served().url}${path}`)).status).toBe(404);
});

it("refuses the ninth page, and takes another when one was closed", async () => {
  const { url } = served();
  const pages = [];
  for (let index = 0; index < 8; index += 1) pages.push(await open(await url));
  expect((await fetch(`${await url}/events`)).status).toBe(503);
  pages[0]!.close();
  for (;;) {
    const page = await open(await url);
    if (page.response.statusCode === 200) break;
    page.close();
  }
});

it("asks the watched thread once until it has answered, and releases it after the last page", async () => {
  const told: string[] = [];
  const { feed, url } = served({ ask: () => told.push("ask"), release: () => told.push("release") });
  const page = await open(await url);
  await page.until((all) => (all.length >= 3 ? true : undefined));
  expect(told).toEqual(["ask"]);
  feed.sampling.sampled({ upMs: 5 } as Sample);
  expect(await page.until((all) => all.find(({ sample }) => sample !== undefined)?.sample)).toEqual({ upMs: 5 });
  await page.until(() => (told.length === 2 ? true : undefined));
  page.close();
  await page.until(() => told.at(-1) === "release" || undefined);
  expect(told).toEqual(["ask", "ask", "release"]);
  feed.sampling.sampled({ upMs: 6 } as Sample); // it was on its way
  const next = await open(await url);
  expect((await next.until(([first]) => first)).sample).toBeUndefined();
});

it("sends what is known first, and then what has changed", async () => {
  const { history, url } = served();
  const stall = (id: number) => ({ id, startedAt: 1_000 * id, durationMs: 120, kind: "script", place: { file: "/app/a.js", line: 3, column: 1, function: "work\u001b" }, call: undefined }) as Stall;
  for (let id = 1; id <= 250; id += 1) history.ended(stall(id));
  history.delayed(1_000, 3);
  history.delayed(1_300, 4);
  const page = await open(await url);
  const first = await page.until(([each]) => each);
  expect(first).toMatchObject({ program: "server.js", thresholdMs: 100, stallCount: 250, delays: [[1_000, 3], [1_300, 4]], hasSamples: false });
  expect(first.ended.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => index + 51));
  expect(first.ended[0]!.where).toBe("work\\u001b (a.js:3:1)");
  history.ended(stall(251));
  history.delayed(1_400, 9);
  const next = await page.until((all) => all.slice(1).find(({ ended }) => ended.length > 0));
  expect(next.ended.map(({ id }) => id)).toEqual([251]);
  expect(next.delays).toEqual([[1_300, 9]]);
});
