// The watchdog in the process of the test, which it watches.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import {
  allowBlocking, formatStall, WatchdogOptionError, stallChannels, startWatchdog, type Stall, type StallBeginEvent, type StallEndEvent, type Watchdog, type WatchdogOptions,
} from "@offloop/watchdog";
import { spin } from "./fixtures/programs/spin.mjs";

/** On a busy machine, this process has stalls because it waits for a CPU. */
const fair = (stalls: readonly Stall[]) => stalls.filter(({ kind }) => kind !== "starved");

async function watched(options: WatchdogOptions = {}): Promise<{ watchdog: Watchdog; stalls: Stall[] }> {
  const stalls: Stall[] = [];
  const watchdog = startWatchdog({ thresholdMs: 100, report: "silent", onStall: (stall) => stalls.push(stall), ...options });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  await watchdog.flush();
  stalls.length = 0;
  return { watchdog, stalls };
}

it("delivers a stall with its place, stack, code and fix when the loop turns again", async () => {
  const { watchdog, stalls } = await watched();
  const before = Date.now();
  spin(300);
  await watchdog.flush();
  const [stall] = fair(stalls);
  expect(stall).toMatchObject({ kind: "script", phase: "running", count: 1, place: { function: "spin" }, fix: expect.stringContaining("toThread(spin, …)") });
  expect(stall!.place!.file).toMatch(/spin\.mjs$/);
  expect(stall!.codeFrame).toContain("> 4 |   while (process.cpuUsage().user + process.cpuUsage().system < until)");
  expect(stall!.durationMs).toBeGreaterThan(200);
  expect(stall!.startedAt).toBeGreaterThanOrEqual(before - 100);
  expect(stall!.stack[0]).toMatchObject({ origin: expect.any(String), line: expect.any(Number) });
  expect(stall!.profile.some(({ function: name, total }) => name === "spin" && total > 0)).toBe(true);
  expect(formatStall(stall!)).toMatch(/^offloop: the event loop was held for \d+ ms by spin \(/);
});

it("publishes the begin before the end, both with the same id", async () => {
  const seen: string[] = [];
  const begin = (message: unknown) => seen.push(`begin ${(message as StallBeginEvent).stall.id}`);
  const end = (message: unknown) => seen.push(`end ${(message as StallEndEvent).stall.id}`);
  subscribe(stallChannels.begin, begin);
  subscribe(stallChannels.end, end);
  onTestFinished(() => {
    unsubscribe(stallChannels.begin, begin);
    unsubscribe(stallChannels.end, end);
  });
  const { watchdog, stalls } = await watched();
  seen.length = 0;
  spin(300);
  await watchdog.flush();
  expect(seen.slice(0, 2)).toEqual([`begin ${stalls[0]!.id}`, `end ${stalls[0]!.id}`]);
});

it("counts the stalls of a place and sums their time", async () => {
  const { watchdog, stalls } = await watched();
  for (let round = 0; round < 3; round++) {
    spin(250);
    await watchdog.flush();
  }
  const last = fair(stalls).at(-1)!;
  expect(last.count).toBe(fair(stalls).length);
  expect(last.totalMs).toBeCloseTo(fair(stalls).reduce((sum, { durationMs }) => sum + durationMs, 0), 0);
});

it("names a blocking call, its place, and its asynchronous counterpart", async () => {
  const { watchdog, stalls } = await watched();
  execFileSync("sleep", ["0.4"]);
  await watchdog.flush();
  const [stall] = fair(stalls);
  expect(stall).toMatchObject({ kind: "native", approximate: false, call: "child_process.execFileSync(…)" });
  expect(stall!.place!.file).toMatch(/watchdog\.test\.ts$/);
  expect(stall!.fix).toContain("child_process.execFile");
});

it("names a call of JSON.parse from the second stall on that native code without a mark caused", async () => {
  // So long that it takes half a second on this machine.
  const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000;
  let text = "";
  for (let length = 2 ** 21, tookMs = 0; tookMs < 400; length *= 2) {
    text = `[${"1,".repeat(length)}1]`;
    const before = cpuMs();
    JSON.parse(text);
    tookMs = cpuMs() - before;
  }
  const { watchdog, stalls } = await watched({ collections: false });
  const calls: (string | undefined)[] = [];
  // Again where the machine gave this process no CPU.
  while (calls.length < 2) {
    JSON.parse(text);
    await watchdog.flush();
    calls.push(...fair(stalls.splice(0)).filter(({ kind }) => kind === "native").map(({ call }) => call));
  }
  expect(calls[0]).toBeUndefined();
  expect(calls.at(-1)).toBe("JSON.parse(…)");
  const { parse } = JSON;
  await watchdog.stop();
  expect(JSON.parse).not.toBe(parse);
});

it("shows the name that the context option returns", async () => {
  const { watchdog, stalls } = await watched({ context: () => "GET /report" });
  spin(300);
  await watchdog.flush();
  expect(fair(stalls)[0]!.context).toBe("GET /report");
});

it("does not report allowed blocking, and sees the next stall", async () => {
  const { watchdog, stalls } = await watched();
  expect(allowBlocking(() => (spin(300), "value"), "the test says so")).toBe("value");
  await watchdog.flush();
  expect(fair(stalls)).toEqual([]);
  // One that begins before the heart has beaten again belongs to the allowed one; the next does not.
  for (let tries = 0; tries < 5 && fair(stalls).length === 0; tries += 1) {
    spin(300);
    await watchdog.flush();
  }
  expect(fair(stalls)).toHaveLength(1);
  expect(() => allowBlocking(() => 1, " ")).toThrow(WatchdogOptionError);
  expect(() => allowBlocking(7 as never, "why")).toThrow(/fn of allowBlocking\(\) takes a function; got 7/);
});

it("restores the builtins when it stops", async () => {
  const { readFileSync } = fs;
  const { parse } = JSON;
  const watchdog = startWatchdog({ report: "silent", breadcrumbs: "full" });
  expect(fs.readFileSync).not.toBe(readFileSync);
  expect(fs.readFileSync.name).toBe("readFileSync");
  expect(fs.realpathSync.native).toBeTypeOf("function");
  expect(JSON.parse("[1]")).toEqual([1]);
  await watchdog.stop();
  expect(fs.readFileSync).toBe(readFileSync);
  expect(JSON.parse).toBe(parse);
});

it("stops once, also if stop() is called repeatedly, and is disposable", async () => {
  const watchdog = startWatchdog({ report: "silent" });
  expect(watchdog.stop()).toBe(watchdog.stop());
  await watchdog[Symbol.asyncDispose]();
});

it.each([
  [{ thresholdMs: 5 }, "thresholdMs of startWatchdog() takes a finite number of milliseconds, 20 or more; got 5."],
  [{ thresholdMs: "100" }, "thresholdMs of startWatchdog() takes"],
  [{ startupThresholdMs: -1 }, "startupThresholdMs of startWatchdog() takes"],
  [{ report: "xml" }, 'report of startWatchdog() takes one of "console", "json", "silent"; got "xml".'],
  [{ onStall: 3 }, "onStall of startWatchdog() takes a function"],
  [{ breadcrumbs: "some" }, "breadcrumbs of startWatchdog() takes"],
  [{ serve: { port: 70_000 } }, "serve.port of startWatchdog() takes a port: an integer from 0 to 65535"],
  [{ serve: 80 }, "serve of startWatchdog() takes an object"],
  [{ htmlFile: "" }, "htmlFile of startWatchdog() takes the path of a file"],
  [{ allowSyncCallsAt: "x" }, "allowSyncCallsAt of startWatchdog() takes an array"],
  [{ treshold: 5 }, "unknown option `treshold` of startWatchdog(); did you mean `thresholdMs`?"],
  [{ serve: { port: 80, hosts: "app" } }, "serve.hosts of startWatchdog() takes an array of host names"],
  [{ serve: { prot: 80 } }, "unknown option `prot` of serve of startWatchdog(); did you mean `port`?"],
  [null, "startWatchdog() takes its options as an object; got null."],
  [[1], "startWatchdog() takes its options as an object; got an array."],
])("refuses %j by name", (options, message) => {
  expect(() => startWatchdog(options as WatchdogOptions)).toThrow(WatchdogOptionError);
  expect(() => startWatchdog(options as WatchdogOptions)).toThrow(message);
});

it.each([
  { get constructor(): never { throw new RangeError("a trap"); } },
  { constructor: { name: Symbol("name") } },
  Object.defineProperty(() => {}, "name", { get(): never { throw new RangeError("a trap"); } }),
  Object.defineProperty(() => {}, "name", { value: Object.create(null) as object }),
])("refuses a value whose class or name cannot be read by an error of its own", (thresholdMs) => {
  expect(() => startWatchdog({ thresholdMs } as never)).toThrow(WatchdogOptionError);
});
