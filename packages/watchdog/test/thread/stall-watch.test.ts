// The decisions of the watching thread at exact times. The test provides the clock, the beats, the CPU times and the answers.
import { describe, expect, it } from "vitest";
import { blockingCalls } from "#watchdog/protocol/blocking-calls.js";
import { mark, MOST_KINDS, time } from "#watchdog/protocol/marks.js";
import type { Capture, WatchingThreadData } from "#watchdog/protocol/messages.js";
import type { Stall } from "#watchdog/protocol/stall.js";
import { PlaceBook } from "#watchdog/place/place-book.js";
import { StallWatch } from "#watchdog/thread/stall-watch.js";

interface Told {
  readonly event: "begin" | "end";
  /** Since the loop was held. */
  readonly at: number;
  readonly stall: Stall;
}

/** The behaviour of the watched thread. */
interface Program {
  readonly thresholdMs: number;
  /** The stretch in which the loop does not turn. */
  readonly held: { readonly from: number; readonly until: number };
  /** The time of the first beat, relative to the watching thread. */
  readonly phaseMs: number;
  /** Milliseconds from the request to the stack; `undefined`: no stack arrives while the loop is held. */
  readonly answersAfterMs?: number | undefined;
  /** Whether the thread runs while it is held, waits for a CPU, sleeps, or waits while its helpers have the CPUs, asleep or not. */
  readonly state?: "runs" | "waits" | "sleeps" | "helped" | "helped asleep";
  /** Whether the loop waits for events before and after the stall, so that the heartbeat stops. */
  readonly idle?: boolean;
  /** The times between which the watching thread gets no CPU. */
  readonly deaf?: { readonly from: number; readonly until: number };
  /** The times between which both threads are suspended. */
  readonly suspended?: { readonly from: number; readonly until: number };
  /** The part of the stall in which modules are loaded. */
  readonly loadsForMs?: number;
  /** The time of a flush, which ends the open stall. */
  readonly flushedAt?: number;
  /** The first part of the stall, in which native code without a mark has the thread. */
  readonly nativeForMs?: number;
  /** The duration of the garbage collections in the stall. */
  readonly collectedMs?: number;
  /** A marked call runs in the stall. */
  readonly call?: string;
}

/** The delay of each timer of the watching thread. */
const jitterMs = 1;
const stepMs = 0.2;

/** Runs the watch over `forMs` of the program's time. */
function play(program: Program, forMs: number): Told[] {
  const { thresholdMs, held, phaseMs, state = "runs", suspended, deaf, flushedAt, loadsForMs = 0, nativeForMs = 0, collectedMs = 0, call, idle = false } = program;
  const answersAfterMs = "answersAfterMs" in program ? program.answersAfterMs : 1;
  const tickMs = Math.min(50, Math.max(5, Math.round(thresholdMs / 4)));
  const words = new Int32Array(mark.count);
  const times = time.msOf(MOST_KINDS) + 1;
  const told: Told[] = [];
  const cpu = { ranMs: 1_000, waitedMs: 0 };
  let helpedMs = 0;
  const beats = { count: 1, next: phaseMs };
  let asked: boolean | undefined;
  const timers = new Set<{ readonly at: number; readonly fn: () => void }>();
  let now = 0;
  const after = (delayMs: number, fn: () => void) => {
    const timer = { at: now + delayMs, fn };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const frame = (file: string, name: string) => ({ file, line: 3, column: 1, function: name, async: false });
  const loading = [frame("/app/main.js", ""), frame("node:internal/modules/esm/loader", "")];
  const guilty = frame("/app/guilty.js", "guilty");
  const capture = (): Capture => ({ at: now, turned: 0, frames: now - held.from < loadsForMs ? loading : nativeForMs > 0 ? [frame("/app/guilty.js", "next"), guilty] : [guilty] });
  const watch = new StallWatch(
    { options: { thresholdMs, startupThresholdMs: 10 * thresholdMs }, marks: { words, text: new Uint8Array(8), times: new Float64Array(times), base: 0 }, tickMs } as unknown as WatchingThreadData,
    {
      now: () => now,
      after: (delayMs, fn) => after(delayMs + jitterMs, fn),
      isExiting: () => false,
      cpu: { read: () => ({ ...cpu }), helpedMs: () => helpedMs, isAsleep: () => (state === "sleeps" || state === "helped asleep") && now >= held.from && now < held.until, close: () => undefined },
      loopWaits: { sleepsIn: () => (!idle || (now >= held.from && now < held.until) ? undefined : "281 0xe"), waitsForEvents: () => true, close: () => undefined },
      rest: (resting) => (asked = resting),
      openProbe: () => ({
        ask: (answered) => void after(Math.max(held.from + nativeForMs - now, answersAfterMs ?? Math.max(0, held.until - now)), () => answered(capture())),
        askSourceMap: () => undefined,
        close: () => undefined,
      }),
    },
    new PlaceBook(0),
    {
      opened: () => undefined,
      began: (stall) => told.push({ event: "begin", at: now - held.from, stall }),
      ended: (stall) => told.push({ event: "end", at: now - held.from, stall }),
      closed: () => undefined,
      delayed: () => undefined,
    },
  );
  watch.start(beats);
  for (let step = 0; now < forMs; step++) {
    now = step * stepMs;
    if (flushedAt !== undefined && now >= flushedAt && now - stepMs < flushedAt) watch.finish();
    if (collectedMs > 0 && now >= held.until && now - stepMs < held.until) watch.collected(held.until, collectedMs);
    if (suspended && now >= suspended.from && now < suspended.until) continue;
    const isHeld = now >= held.from && now < held.until;
    words[mark.call] = call !== undefined && isHeld ? blockingCalls().findIndex(({ name }) => name === call) + 1 : 0;
    if (isHeld && state === "runs") cpu.ranMs += stepMs;
    if (isHeld && (state === "waits" || state === "helped")) cpu.waitedMs += stepMs;
    if (isHeld && state.startsWith("helped")) helpedMs += 2 * stepMs;
    if (!isHeld && asked !== undefined) {
      beats.next = asked ? Infinity : now + tickMs;
      if (!asked) beats.count++;
      asked = undefined;
    }
    if (!isHeld && now >= beats.next) {
      beats.count++;
      beats.next = now + tickMs;
    }
    if (deaf && now >= deaf.from && now < deaf.until) continue;
    for (const timer of timers) {
      if (timer.at > now) continue;
      timers.delete(timer);
      timer.fn();
    }
  }
  return told;
}

/** The phase of the heartbeat, as a fraction of the threshold. */
const phases = Array.from({ length: 8 }, (_, index) => index / 8);

const thresholds = [20, 50, 100, 200, 500];

it("has many samples of a long stall, and not too many of a very long one", () => {
  const samplesOf = (heldMs: number) => play({ thresholdMs: 100, phaseMs: 0, held: { from: 500, until: 500 + heldMs } }, 500 + heldMs + 200).at(-1)!.stall.samples;
  expect(samplesOf(8_000)).toBeGreaterThan(120);
  expect(samplesOf(60_000)).toBeGreaterThan(250);
  expect(samplesOf(60_000)).toBeLessThanOrEqual(500);
});

describe.each(thresholds.flatMap((thresholdMs) => [{ thresholdMs, idle: false }, { thresholdMs, idle: true }]))("at a threshold of $thresholdMs ms, idle before: $idle", ({ thresholdMs, idle }) => {
  /** Long enough for the heartbeat to stop. */
  const from = 2_000;
  const played = (heldMs: number, more: Partial<Program> = {}) =>
    phases.map((phase) => {
      const heldFrom = from + phase * thresholdMs;
      return play({ thresholdMs, idle, phaseMs: phase * thresholdMs, held: { from: heldFrom, until: heldFrom + heldMs }, ...more }, heldFrom + Math.min(heldMs, 20 * thresholdMs) + 200);
    });

  it.each<[string, Partial<Program>]>([
    ["answers at once", {}],
    ["answers slowly", { answersAfterMs: thresholdMs / 5 }],
    ["is in native code", { answersAfterMs: undefined }],
    ["waits while its helpers have the CPUs", { answersAfterMs: undefined, state: "helped" }],
    ["sleeps while its helpers have the CPUs", { answersAfterMs: undefined, state: "helped asleep" }],
    ["sleeps in a marked call", { answersAfterMs: undefined, state: "sleeps", call: "fs.readFileSync" }],
  ])("reports after the threshold and within one and a half of it, while it lasts, where the thread %s", (_, more) => {
    for (const told of played(4 * thresholdMs, more)) {
      expect(told.map(({ event }) => event)).toEqual(["begin", "end"]);
      expect(told[0]!.at).toBeGreaterThanOrEqual(thresholdMs);
      expect(told[0]!.at).toBeLessThanOrEqual(1.5 * thresholdMs);
    }
  });

  it("reports a stall that never ends, once", () => {
    for (const told of played(Infinity)) expect(told.map(({ event }) => event)).toEqual(["begin"]);
  });

  it("measures the duration exactly to one tick", () => {
    for (const told of played(6 * thresholdMs)) expect(Math.abs(told.at(-1)!.stall.durationMs - 6 * thresholdMs)).toBeLessThanOrEqual(Math.max(thresholdMs / 4, 8));
  });

  it("does not report three quarters of the threshold", () => {
    for (const told of played(0.75 * thresholdMs)) expect(told).toEqual([]);
  });

  it("does not report a pause in a debugger: prompt answers without CPU time", () => {
    for (const told of played(6 * thresholdMs, { state: "sleeps" })) expect(told).toEqual([]);
  });

  it("reports `starved` without a place if the thread waited for a CPU", () => {
    for (const told of played(6 * thresholdMs, { state: "waits", answersAfterMs: undefined })) {
      expect(told.map(({ event, stall }) => [event, stall.kind, stall.place])).toEqual([["begin", "starved", undefined], ["end", "starved", undefined]]);
    }
  });

  it("does not report `starved` if the thread waited for its own helper threads", () => {
    for (const state of ["helped", "helped asleep"] as const) {
      for (const told of played(6 * thresholdMs, { state, answersAfterMs: undefined, deaf: { from: from + 3 * thresholdMs, until: from + 5 * thresholdMs } })) {
        expect(told.map(({ event, stall }) => [event, stall.kind])).toEqual([["begin", "native"], ["end", "native"]]);
        expect(told[1]!.stall.durationMs).toBeGreaterThanOrEqual(5.7 * thresholdMs - 10);
      }
    }
  });

  it("reports a stall that a flush has ended once, and the rest of the turn as another stall", () => {
    for (const phase of phases) {
      const held = { from: from + phase * thresholdMs, until: from + (phase + 6) * thresholdMs };
      const flushed = (beforeMs: number) => play({ thresholdMs, idle, phaseMs: phase * thresholdMs, held, flushedAt: held.until - beforeMs }, held.until + 200);
      expect(flushed(thresholdMs / 2).map(({ event }) => event)).toEqual(["begin", "end"]);
      const twice = flushed(3 * thresholdMs);
      expect(twice.map(({ event }) => event)).toEqual(["begin", "end", "begin", "end"]);
      const [, first, , second] = twice;
      expect(first!.stall.durationMs + second!.stall.durationMs).toBeLessThanOrEqual(6 * thresholdMs + Math.max(thresholdMs / 4, 8));
    }
  });

  it("does not report module loading and following code that are below their thresholds, although their sum is not", () => {
    for (const told of played(3.7 * thresholdMs, { loadsForMs: 3 * thresholdMs })) expect(told).toEqual([]);
  });

  it("counts code that runs after the modules are loaded from there, and names only that code", () => {
    for (const told of played(9 * thresholdMs, { loadsForMs: 3 * thresholdMs })) {
      expect(told.map(({ event, stall }) => [event, stall.kind, stall.phase, stall.place?.function])).toEqual([["begin", "script", "running", "guilty"], ["end", "script", "running", "guilty"]]);
      expect(told[0]!.at).toBeGreaterThanOrEqual(4 * thresholdMs);
      expect(told[1]!.stall.durationMs).toBeLessThanOrEqual(6 * thresholdMs + Math.max(thresholdMs / 4, 8));
    }
  });

  it("names the caller of native code that had the thread for most of the stall, not the function that runs after it", () => {
    for (const collectedMs of [0, 3 * thresholdMs]) {
      for (const told of played(8 * thresholdMs, { nativeForMs: 6 * thresholdMs, collectedMs })) {
        expect(told.map(({ event }) => event)).toEqual(["begin", "end"]);
        expect(told[1]!.stall).toMatchObject({ kind: "native", approximate: true, place: { function: "guilty" } });
      }
    }
  });

  it("names what runs for most of the stall, after a short native call", () => {
    for (const told of played(12 * thresholdMs, { nativeForMs: 2 * thresholdMs })) expect(told[1]!.stall).toMatchObject({ kind: "script", approximate: false, place: { function: "next" } });
  });

  it("does not count time in which the process was suspended, in a stall and without one", () => {
    for (const told of played(0, { suspended: { from, until: from + 10 * thresholdMs } })) expect(told).toEqual([]);
    const suspended = { from: from + 2 * thresholdMs, until: from + 7 * thresholdMs };
    for (const told of played(9 * thresholdMs, { suspended })) {
      expect(told.map(({ event }) => event)).toEqual(["begin", "end"]);
      expect(told[1]!.stall.durationMs).toBeLessThanOrEqual(4.5 * thresholdMs + 10);
    }
  });
});
