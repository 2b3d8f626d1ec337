// Takes the stack of the watched thread, on that thread. The watching thread has it called from
// outside, by an inspector's Runtime.evaluate, in the middle of whatever runs: so it keeps the
// originals of all it uses, touches nothing of the program's, and never throws.
import { monotonicMs } from "./monotonic.js";
import type { Capture, RawFrame } from "./protocol.js";

const { stringify } = JSON;
const { captureStackTrace } = Error;
const { defineProperty, getOwnPropertyDescriptor } = Object;

/** Deep enough for recursion to show its caller in most programs; V8 walks no further. */
const deepestStack = 200;

/** How the watching thread finds the function below. */
const key = Symbol.for("offloop.watchdog.capture");

/** The expression that the watching thread evaluates. Its source URL marks the frame to drop. */
export const captureExpression = 'globalThis[Symbol.for("offloop.watchdog.capture")]?.()\n//# sourceURL=offloop:probe';

const probeUrl = "offloop:probe";

/** Makes `captureExpression` work in this realm. */
export function installCapture(): void {
  defineProperty(globalThis, key, { value: captureStack, configurable: true, writable: true, enumerable: false });
}

function captureStack(): string {
  const at = monotonicMs();
  const limit = getOwnPropertyDescriptor(Error, "stackTraceLimit");
  const prepare = getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    define("stackTraceLimit", deepestStack);
    define("prepareStackTrace", (_error: unknown, sites: readonly NodeJS.CallSite[]) => sites);
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    captureStackTrace(holder, captureStack);
    return stringify({ at, frames: describe(holder.stack ?? []) } satisfies Capture);
  } catch {
    return stringify({ at, frames: [] } satisfies Capture);
  } finally {
    restore("stackTraceLimit", limit);
    restore("prepareStackTrace", prepare);
  }
}

function describe(sites: readonly NodeJS.CallSite[]): RawFrame[] {
  const frames: RawFrame[] = [];
  for (let index = 0; index < sites.length; index++) {
    const site = sites[index] as NodeJS.CallSite & { isAsync?(): boolean; isPromiseAll?(): boolean };
    const file = site.getFileName() ?? site.getScriptNameOrSourceURL() ?? "";
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
  return type === null || type === "Object" || type === "Function" || name.includes(".") ? name : `${type}.${name}`;
}

function define(name: "stackTraceLimit" | "prepareStackTrace", value: unknown): void {
  defineProperty(Error, name, { value, configurable: true, writable: true, enumerable: true });
}

function restore(name: "stackTraceLimit" | "prepareStackTrace", descriptor: PropertyDescriptor | undefined): void {
  if (descriptor) defineProperty(Error, name, descriptor);
  else Reflect.deleteProperty(Error, name);
}
