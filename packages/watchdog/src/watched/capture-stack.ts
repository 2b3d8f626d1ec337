// Takes the stack of the watched thread, on that thread. The watching thread calls it through the
// inspector (Runtime.evaluate), in the middle of the code that runs. So this file keeps the originals of
// the functions that it uses, leaves the state of the program as it was, and never throws.
import { createRequire, findSourceMap } from "node:module";
import { monotonicMs } from "../protocol/monotonic.js";
import type { Capture, RawFrame } from "../protocol/messages.js";
import { captureKey, PROBE_URL, sourceMapKey } from "../protocol/probe-expressions.js";
import { sourceMapsKey } from "../hook.js";
import { runningRequest } from "./requests.js";
import { runningWork } from "./running-work.js";

const { stringify } = JSON;
const { captureStackTrace } = Error;
const { defineProperty, getOwnPropertyDescriptor, isFrozen, keys } = Object;
const { nextTick } = process;
const enqueueMicrotask = queueMicrotask;
/** The CommonJS modules of this thread, by file. */
const { cache: loadedModules } = createRequire(import.meta.url);

/** The frames of a stack; V8 walks no further. That is enough to show the caller of most recursions, and what awaits it. */
const DEEPEST_STACK = 2_000;

/** Of a deeper stack, these frames are described: describing all of them would take some milliseconds a sample. */
const INNERMOST = 200;
const OUTERMOST = 300;

/** The error whose stack the program is asked to format. */
const formatted = new Error("a stall");

/** The location at the end of a line of a formatted stack. */
const LOCATION = /(?<=[\s(])((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/;

/** The URL of this package: its frames are not the program's. */
const ownUrl = new URL("../", import.meta.url).href;

/** The number of microtasks and ticks that the probe queued and that have run. Many of them in one stall mean that it consists of many callbacks. */
let turned = 0;
const countTurn = () => void turned++;

/** The stack of the creation of a promise. It stands for a sample that was taken between two microtasks and so has no frames. */
let betweenMicrotasks: Capture | undefined;
let stopListening: (() => void) | undefined;
let promiseHooks: typeof import("node:v8").promiseHooks | undefined;

let describeContext: (() => unknown) | undefined;

/** Installs the functions that the probe expressions call. `context` is the option of that name. */
export function installCapture(context: (() => unknown) | undefined): void {
  describeContext = context ?? describeContext;
  ({ promiseHooks } = process.getBuiltinModule("node:v8"));
  defineProperty(globalThis, captureKey, { value: captureStack, configurable: true, writable: true, enumerable: false });
  defineProperty(globalThis, sourceMapKey, { value: sourceMapOf, configurable: true, writable: true, enumerable: false });
}

/** The source map of a file that a loader compiled. Node knows it only if source maps are enabled, which loaders do. */
function sourceMapOf(file: string): string {
  try {
    const map = findSourceMap(file);
    if (map !== undefined) return stringify(map.payload);
    return (globalThis as { [sourceMapsKey]?: Map<string, string> })[sourceMapsKey]?.get(file) ?? "";
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
    // Outside the program's code, Node may be about to record that no tick is queued. A tick that is queued then would
    // never run, nor would any later one.
    if (inProgram) nextTick(countTurn);
    return stringify(capture);
  } catch {
    return stringify({ at, frames: [], turned } satisfies Capture);
  }
}

function captureAt(at: number, below: () => unknown): Capture {
  const frames = captureFrames(below);
  return { at, turned, frames, ...modulesLoaded(frames), ...nameRunning(frames) };
}

function modulesLoaded(frames: readonly RawFrame[]): Pick<Capture, "modules"> {
  return frames.some(({ file }) => file.startsWith("node:internal/modules/cjs/")) ? { modules: keys(loadedModules).length } : {};
}

/**
 * Names the task and the request that run. For the request, the `context` option comes first, then the hook, then
 * the HTTP request that Node published. An error in one of them does not cost the report its stack.
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

/** An endless chain of awaits is always between two microtasks when a sample is taken. The stack of its next promise shows the line. */
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

/** Whether the frame belongs neither to Node nor to the watchdog. */
function isForeign({ file, async }: RawFrame): boolean {
  return !async && file !== "" && !file.startsWith("node:") && !file.startsWith(ownUrl);
}

/** The frames from the caller of `below` outwards. */
export function captureFrames(below: (...args: never[]) => unknown): RawFrame[] {
  const limit = getOwnPropertyDescriptor(Error, "stackTraceLimit");
  const prepare = getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    if (isFrozen(Error)) return framesOfText(below);
    define("stackTraceLimit", DEEPEST_STACK);
    define("prepareStackTrace", (_error: unknown, sites: readonly NodeJS.CallSite[]) => sites);
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    captureStackTrace(holder, below);
    const sites = withoutMiddle(holder.stack ?? []).filter(isShown);
    return withPositionsOf(prepare?.value, sites, sites.map(describe));
  } catch {
    // A getter of the program threw. There is no stack then.
    return [];
  } finally {
    restore("stackTraceLimit", limit);
    restore("prepareStackTrace", prepare);
  }
}

function withoutMiddle(sites: readonly NodeJS.CallSite[]): readonly NodeJS.CallSite[] {
  return sites.length <= INNERMOST + OUTERMOST ? sites : [...sites.slice(0, INNERMOST), ...sites.slice(-OUTERMOST)];
}

/** A line of the text of a stack: function, file, line, column. */
const TEXT_LINE = /^ {4}at (async )?(?:new )?(?:(.*?)( \[as .*?\])? \()?(.*?):(\d+):(\d+)\)?$/;

/** The frames of a program that has frozen Error: V8's text then is all that there is, with as many frames as the program chose. */
function framesOfText(below: (...args: never[]) => unknown): RawFrame[] {
  const holder: { stack?: unknown } = {};
  captureStackTrace(holder, below);
  const lines = typeof holder.stack === "string" ? holder.stack.split("\n") : [];
  return lines.flatMap((line) => {
    const [, isAsync, name = "", calledAs, file = "", row, column] = TEXT_LINE.exec(line) ?? [];
    if (file === "" || file === PROBE_URL) return [];
    // A callback that is called with a timer or a stream as `this` is not a method of that object: `Timeout.report [as _onTimeout]`.
    const shown = calledAs === undefined ? name.replace(/^(Object|Function)\./, "") : name.slice(name.lastIndexOf(".") + 1);
    return [{ file, line: Number(row), column: Number(column), function: shown.endsWith("<anonymous>") ? "" : shown, async: isAsync !== undefined }];
  });
}

function isShown(site: NodeJS.CallSite): boolean {
  return fileOf(site) !== PROBE_URL && (site as { isPromiseAll?(): boolean }).isPromiseAll?.() !== true;
}

function fileOf(site: NodeJS.CallSite): string {
  return site.getFileName() || site.getScriptNameOrSourceURL() || "";
}

function describe(site: NodeJS.CallSite): RawFrame {
  const { getEnclosingLineNumber, getEnclosingColumnNumber } = site as { getEnclosingLineNumber?(): number | null; getEnclosingColumnNumber?(): number | null };
  const line = getEnclosingLineNumber?.call(site);
  const column = getEnclosingColumnNumber?.call(site);
  return {
    file: fileOf(site),
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
    function: nameOf(site),
    async: (site as { isAsync?(): boolean }).isAsync?.() === true,
    ...(typeof line === "number" && typeof column === "number" && { start: [line, column] as const }),
  };
}

/**
 * Jest and ts-node compile in memory, and alone know their source maps. They format stacks by a function of their own
 * (`Error.prepareStackTrace`), which writes the positions in the sources.
 */
function withPositionsOf(prepare: unknown, sites: NodeJS.CallSite[], frames: RawFrame[]): RawFrame[] {
  // Node's own, of this name, writes the positions that are known already, or that a map gives, which the watching thread reads.
  if (typeof prepare !== "function" || prepare.name === "ErrorPrepareStackTrace") return frames;
  try {
    const text: unknown = prepare(formatted, sites);
    const lines = typeof text === "string" ? text.split("\n").filter((line) => line.startsWith("    at ")) : [];
    return lines.length === frames.length ? frames.map((frame, index) => withPosition(frame, LOCATION.exec(lines[index]!))) : frames;
  } catch {
    return frames;
  }
}

function withPosition(frame: RawFrame, found: RegExpExecArray | null): RawFrame {
  const [, file = "", line, column] = found ?? [];
  if (file === "" || frame.file.startsWith(ownUrl) || (Number(line) === frame.line && Number(column) === frame.column)) return frame;
  return { ...frame, file, line: Number(line), column: Number(column), mapped: true };
}

function nameOf(site: NodeJS.CallSite): string {
  const name = site.getFunctionName() ?? "";
  if (name === "" || site.isToplevel() || site.isConstructor()) return name;
  const type = site.getTypeName();
  // A callback that is called with a timer or a stream as `this` is not a method of that object.
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
    // Error is frozen, so it was not changed.
  }
}
