// Takes the stack of the watched thread, on that thread. The watching thread has it called from
// outside, by an inspector's Runtime.evaluate, in the middle of whatever runs: so it keeps the
// originals of all it uses, leaves the program's state as it was, and never throws.
import { findSourceMap } from "node:module";
import { monotonicMs } from "../protocol/monotonic.js";
import type { Capture, RawFrame } from "../protocol/messages.js";
import { captureKey, probeUrl, sourceMapKey } from "../protocol/probe-expressions.js";
import { runningRequest } from "./requests.js";
import { runningWork } from "./running-work.js";

const { stringify } = JSON;
const { captureStackTrace } = Error;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const { nextTick } = process;
const enqueueMicrotask = queueMicrotask;

/** Deep enough for recursion to show its caller in most programs; V8 walks no further. */
const deepestStack = 200;

/** The URL of this package: its frames are not the program's. */
const ownUrl = new URL("../", import.meta.url).href;

/** Counts the microtasks and ticks that the probe itself queued and that ran: many in one stall mean that it is made of many callbacks. */
let turned = 0;
const countTurn = () => void turned++;

/** The stack of a promise's creation, taken where there was no stack to be had between two microtasks. */
let betweenMicrotasks: Capture | undefined;
let stopListening: (() => void) | undefined;
let promiseHooks: typeof import("node:v8").promiseHooks | undefined;

let describeContext: (() => unknown) | undefined;

/** Makes `captureExpression` work in this realm; `context` names the request that runs. */
export function installCapture(context: (() => unknown) | undefined): void {
  describeContext = context ?? describeContext;
  ({ promiseHooks } = process.getBuiltinModule("node:v8"));
  defineProperty(globalThis, captureKey, { value: captureStack, configurable: true, writable: true, enumerable: false });
  defineProperty(globalThis, sourceMapKey, { value: sourceMapOf, configurable: true, writable: true, enumerable: false });
}

/** Knows maps only where the program has them enabled, as loaders do. */
function sourceMapOf(file: string): string {
  try {
    const map = findSourceMap(file);
    return map === undefined ? "" : stringify(map.payload);
  } catch {
    return "";
  }
}

function captureStack(): string {
  const at = monotonicMs();
  try {
    let capture = captureAt(at, captureStack);
    const inProgram = capture.frames.some(isForeign);
    if (betweenMicrotasks) {
      if (!inProgram) capture = { ...betweenMicrotasks, turned: capture.turned };
      betweenMicrotasks = undefined;
    } else if (!inProgram) {
      listenForPromise();
    }
    enqueueMicrotask(countTurn);
    // Elsewhere Node may be about to note that no tick is queued: one that came then would never run, nor any after it.
    if (inProgram) nextTick(countTurn);
    return stringify(capture);
  } catch {
    return stringify({ at, frames: [], turned } satisfies Capture);
  }
}

function captureAt(at: number, below: () => unknown): Capture {
  const frames = captureFrames(below);
  return { at, turned, frames, ...nameRunning(frames) };
}

/**
 * Names the task and the request that run. The `context` option comes first, then what a library says
 * through the hook, then the HTTP request that Node told of. No error in them costs the report its stack.
 */
export function nameRunning(frames: readonly RawFrame[]): Pick<Capture, "task" | "context"> {
  const { task, request } = runningWork();
  const context = namedContext() ?? request ?? requestOf(frames);
  return { ...(task !== undefined && { task }), ...(context !== undefined && { context }) };
}

function namedContext(): string | undefined {
  try {
    const context = describeContext?.();
    return context === undefined || context === null ? undefined : String(context);
  } catch {
    return undefined;
  }
}

function requestOf(frames: readonly RawFrame[]): string | undefined {
  try {
    return runningRequest(frames);
  } catch {
    return undefined;
  }
}

/** An endless chain of awaits is between two microtasks whenever it can be asked: its next promise tells the line. */
function listenForPromise(): void {
  stopListening?.();
  stopListening = promiseHooks!.onInit(function created() {
    const capture = captureAt(monotonicMs(), created);
    if (!capture.frames.some(isForeign)) return;
    stopListening?.();
    stopListening = undefined;
    betweenMicrotasks = capture;
  }) as () => void;
}

/** Neither Node's own nor the watchdog's. */
function isForeign({ file, async }: RawFrame): boolean {
  return !async && file !== "" && !file.startsWith("node:") && !file.startsWith(ownUrl);
}

/** The frames from the caller of `below` outwards. */
export function captureFrames(below: (...args: never[]) => unknown): RawFrame[] {
  const limit = getOwnPropertyDescriptor(Error, "stackTraceLimit");
  const prepare = getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    define("stackTraceLimit", deepestStack);
    define("prepareStackTrace", (_error: unknown, sites: readonly NodeJS.CallSite[]) => sites);
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    captureStackTrace(holder, below);
    return describe(holder.stack ?? []);
  } catch {
    // Error is frozen, or somebody's getter threw: no stack, but no harm.
    return [];
  } finally {
    restore("stackTraceLimit", limit);
    restore("prepareStackTrace", prepare);
  }
}

function describe(sites: readonly NodeJS.CallSite[]): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let index = 0; index < sites.length; index++) {
    const site = sites[index] as NodeJS.CallSite & { isAsync?(): boolean; isPromiseAll?(): boolean };
    const file = site.getFileName() || site.getScriptNameOrSourceURL() || "";
    if (file === probeUrl || site.isPromiseAll?.() === true) continue;
    frames[frames.length] = {
      file,
      line: site.getLineNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
      function: nameOf(site),
      async: site.isAsync?.() === true,
    };
  }
  return frames;
}

function nameOf(site: NodeJS.CallSite): string {
  const name = site.getFunctionName() ?? "";
  if (name === "" || site.isToplevel() || site.isConstructor()) return name;
  const type = site.getTypeName();
  // A callback that is merely called with a `this` (a timer, a stream) is not that object's method.
  const method = type !== null && type !== "Object" && type !== "Function" && !name.includes(".") && site.getMethodName() === name;
  return method ? `${type}.${name}` : name;
}

function define(name: "stackTraceLimit" | "prepareStackTrace", value: unknown): void {
  defineProperty(Error, name, { value, configurable: true, writable: true, enumerable: true });
}

function restore(name: "stackTraceLimit" | "prepareStackTrace", descriptor: PropertyDescriptor | undefined): void {
  try {
    if (descriptor) defineProperty(Error, name, descriptor);
    else delete (Error as Partial<ErrorConstructor>)[name];
  } catch {
    // A frozen Error was not changed either.
  }
}
