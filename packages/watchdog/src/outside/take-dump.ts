// takeDump(): looks into another process once. In the order of what the process notices:
//
//   open the inspector ─▶ threads' stacks ─▶ main thread: stack, state ─▶ 100 ms ─▶ has the loop turned?
//        no: Debugger.pause for values, resume ─▶ close the inspector
//
// A loop that turns is never paused: it is held only while it answers, which takes some milliseconds.
import { setTimeout as pause } from "node:timers/promises";
import { codeFrame } from "../place/code-frame.js";
import { describeFrame, originOf, pathOf } from "../place/frames.js";
import { mayHaveLoaderMap, useLoaderMap } from "../place/source-maps.js";
import type { RawFrame } from "../protocol/messages.js";
import type { PoolState, TaskState } from "../protocol/sample.js";
import type { Place } from "../protocol/stall.js";
import type { Dump, DumpFrame, ThreadDump } from "./dump.js";
import { forgetExpression, laterExpression, type LaterLook, loaderMapExpression, type Look, lookExpression } from "./expressions.js";
import { type InspectorClient, type InspectorSession, NoAnswer, Refused } from "./inspector-client.js";
import { kernelView } from "./kernel-view.js";
import { openInspector } from "./open-inspector.js";
import { pausedFrames } from "./pause.js";
import { findTarget, hasEnded, isAlive, type Target } from "./target.js";
import { TargetError } from "./target-error.js";
import { threadSessions } from "./thread-sessions.js";

/** Options of `takeDump`. */
export interface DumpOptions {
  /** Whether to read arguments and local variables. */
  readonly values: boolean;
  /** The number of frames of each stack. */
  readonly mostFrames: number;
  /** Fires when the command is interrupted. */
  readonly cancelled: AbortSignal;
}

/** Milliseconds for which the loop is watched. A loop that has not turned for so long counts as held. */
const WATCH_MS = 100;

const MOST_ROUNDS = 5;

const MOST_ATTEMPTS = 5;

/** The same for a worker thread, whose main thread has answered. */
const THREAD_ANSWER_MS = 2_000;

/** Milliseconds until a thread that has not answered counts as held in native code. A busy machine is given that time. */
const ANSWER_MS = 5_000;

/**
 * @returns what the process does now
 * @throws TargetError the process cannot be looked into; the reason of `cancelled`
 */
export async function takeDump(pid: number, options: DumpOptions): Promise<Dump> {
  const target = findTarget(pid);
  const { cancelled } = options;
  const interrupted = new Promise<never>((_, reject) => cancelled.addEventListener("abort", () => reject(cancelled.reason), { once: true }));
  interrupted.catch(() => {}); // the race below may be over
  for (let attempt = 1; ; attempt += 1) {
    const inspector = await openInspector(target, cancelled);
    try {
      cancelled.throwIfAborted();
      if (!isAlive(target)) throw hasEnded(target);
      if (inspector === undefined) return ofNativeCode(target, false);
      return await Promise.race([lookInto(target, inspector.client, options, !inspector.opened), interrupted]);
    } catch (error) {
      if (error instanceof Refused) throw new TargetError(`Process ${pid} cannot be looked into: ${error.message}`, { cause: error });
      if (!(error instanceof NoAnswer)) throw error;
      // Another command of this kind has closed the inspector, which both had used.
      if (error.ended && isAlive(target) && attempt < MOST_ATTEMPTS) continue;
      if (!isAlive(target)) throw hasEnded(target);
      return ofNativeCode(target, inspector?.opened === false);
    } finally {
      await inspector?.close();
    }
  }
}

async function lookInto(target: Target, client: InspectorClient, options: DumpOptions, inspectorWasOpen: boolean): Promise<Dump> {
  const { mostFrames, values } = options;
  const threads = await dumpThreads(client, mostFrames);
  const look = await client.evaluate<Look>(lookExpression, ANSWER_MS);
  const later = await watch(client, threads.every(({ stack }) => stack !== undefined), look.frames.length > 0);
  let raw: readonly (RawFrame & { readonly values?: DumpFrame["values"] })[] = look.frames;
  // A chain of promises that never ends has no frames between two microtasks.
  if (!hasTurned(later) && (values || raw.length === 0)) raw = withAsyncFrames((await pausedFrames(client, (file) => values && originOf(pathOf(file)) === "user")) ?? raw, raw);
  await client.evaluate(forgetExpression, ANSWER_MS);
  await useLoaderMaps(client, raw);
  const isHeld = !hasTurned(later);
  const stack = raw.map(describe);
  const place = placeIn(stack);
  return {
    pid: target.pid,
    takenAt: Date.now(),
    node: look.node,
    argv: look.argv,
    cwd: look.cwd,
    uptimeMs: look.uptimeMs,
    rssBytes: look.rssBytes,
    heapUsedBytes: look.heapUsedBytes,
    loop: isHeld ? "held" : "turning",
    heldMs: isHeld ? later.sinceMs : undefined,
    task: look.frames.length > 0 ? look.task : undefined,
    place,
    codeFrame: place && codeFrame(place),
    stack: stack.slice(0, mostFrames),
    kernel: undefined,
    threads,
    resources: count(look.resources),
    tasks: published<TaskState>(look, "tasks"),
    taskCount: Object.values(look.state).reduce<number>((sum, state) => sum + ((state as { readonly taskCount?: number } | null)?.taskCount ?? 0), 0),
    pools: published<PoolState>(look, "pools"),
    inspectorWasOpen,
  };
}

/**
 * Watches whether the loop turns. If no JavaScript ran at first, it probably waits for events, and is given more time to turn
 * on a busy machine.
 * @param measure whether to ask a held loop since when it has not turned. The process makes a report for it, which waits for all of its threads
 */
async function watch(client: InspectorClient, measure: boolean, runs: boolean): Promise<LaterLook> {
  for (let round = 1; ; round += 1) {
    await pause(WATCH_MS);
    let later = await client.evaluate<LaterLook>(laterExpression(false), ANSWER_MS);
    if (!later.turned && measure) later = await client.evaluate<LaterLook>(laterExpression(true), ANSWER_MS);
    if (hasTurned(later) || runs || round === MOST_ROUNDS) return later;
  }
}

const hasTurned = ({ turned, sinceMs }: LaterLook): boolean => turned || (sinceMs !== undefined && sinceMs < WATCH_MS);

function ofNativeCode(target: Target, inspectorWasOpen: boolean): Dump {
  const { pid, argv } = target;
  const nothing = { node: undefined, cwd: undefined, uptimeMs: undefined, rssBytes: undefined, heapUsedBytes: undefined, heldMs: undefined, task: undefined, place: undefined, codeFrame: undefined };
  return { pid, takenAt: Date.now(), argv: argv.slice(1), ...nothing, loop: "native", stack: [], kernel: kernelView(pid), threads: [], resources: {}, tasks: [], taskCount: 0, pools: [], inspectorWasOpen };
}

async function dumpThreads(client: InspectorClient, mostFrames: number): Promise<ThreadDump[]> {
  const { threads, detach } = await threadSessions(client);
  const dumps = await Promise.all(threads.map(async ({ session, ...thread }) => ({ ...thread, look: await lookAt(session) })));
  await detach();
  for (const { look } of dumps) await useLoaderMaps(client, look?.frames ?? []);
  return dumps.map(({ threadId, title, look }) => {
    const stack = look?.frames.map(describe);
    const place = stack && placeIn(stack);
    return { threadId: look?.threadId ?? threadId, title, place, codeFrame: place && codeFrame(place), stack: stack?.slice(0, mostFrames) };
  });
}

async function lookAt(session: InspectorSession): Promise<Look | undefined> {
  try {
    const look = await session.evaluate<Look>(lookExpression, THREAD_ANSWER_MS);
    await session.evaluate(forgetExpression, THREAD_ANSWER_MS);
    return look;
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}

/** The frames of the pause, followed by the async frames, which a pause does not give. */
function withAsyncFrames(paused: readonly RawFrame[], captured: readonly RawFrame[]): readonly RawFrame[] {
  return paused === captured ? captured : [...paused, ...captured.filter(({ async }) => async)];
}

/** Asks for the maps of files that a loader compiled in memory. */
async function useLoaderMaps(client: InspectorClient, frames: readonly RawFrame[]): Promise<void> {
  for (const name of new Set(frames.map(({ file }) => file))) {
    const file = pathOf(name);
    if (originOf(file) === "node" || !mayHaveLoaderMap(file)) continue;
    const map = await client.evaluate<string>(loaderMapExpression(file), ANSWER_MS);
    if (map !== "") useLoaderMap(file, map);
  }
}

function describe(raw: RawFrame & { readonly values?: DumpFrame["values"] }): DumpFrame {
  return raw.values === undefined ? describeFrame(raw) : { ...describeFrame(raw), values: raw.values };
}

/** The innermost frame of the program; if it has none, of a dependency. */
function placeIn(stack: readonly DumpFrame[]): Place | undefined {
  const { file, line, column, function: name } = stack.find(({ origin }) => origin === "user") ?? stack.find(({ origin }) => origin === "dependency") ?? {};
  return file === undefined ? undefined : { file, line: line!, column: column!, function: name! };
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What the copies of offloop in the process have published. */
function published<State>(look: Look, what: "tasks" | "pools"): State[] {
  return Object.values(look.state).flatMap((state) => ((state as { readonly [key: string]: unknown } | null)?.[what] as State[] | undefined) ?? []);
}
