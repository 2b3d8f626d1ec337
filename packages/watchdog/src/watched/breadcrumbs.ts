// Wraps each blocking function. The wrapper sets a mark in shared memory before the call and clears it
// after the call, so that the watching thread can name the call while native code runs. If a stall is open
// when the call returns, a call of some milliseconds is told with the exact stack of its caller. A shorter one is
// added to a sum in shared memory, because thousands of stacks would lengthen the stall.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isBlockingAllowed } from "./allow-blocking.js";
import { blockingCalls } from "../protocol/blocking-calls.js";
import { captureFrames, nameRunning } from "./capture-stack.js";
import { mark, marks, time } from "../protocol/marks.js";
import { monotonicMs } from "../protocol/monotonic.js";
import type { ReturnedCall } from "../protocol/messages.js";

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** Receives the calls that return: `every` call, or only those that return while a stall is open. */
export interface CallListener {
  readonly every: boolean;
  returned(call: ReturnedCall): void;
}

interface Patch {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly original: unknown;
  readonly wrapper: unknown;
}

/** A frequent call, such as `JSON.parse`, is reported as a sync call only if it takes this long. */
const LEAST_FREQUENT_MS = 10;

/** During a stall, shorter calls are summed. */
const LEAST_TOLD_MS = 2;

/** Telling takes at most this share of the time of the calls that are told, up to a call of `MOST_LEAST_TOLD_MS`. */
const TELLING_SHARE = 0.04;
const MOST_LEAST_TOLD_MS = 10;

/** After a call that was shorter, the next `SKIPPED` calls of the function are not timed: reading the clock twice takes 0.1 µs, and a short write 0.7 µs. */
const SHORT_MS = 0.005;
const SKIPPED = 12;

const { apply, ownKeys } = Reflect;
const encoder = new TextEncoder();
const encodeInto = encoder.encodeInto.bind(encoder);
const patches = new Map<string, Patch>();
const listeners = new Set<CallListener>();
const users = { light: 0, full: 0 };
let catchAll = false;

/** Marks calls from now on, and tells `listener` of them. @returns a function that undoes this */
export function markCalls(level: "light" | "full", listener: CallListener): () => void {
  listeners.add(listener);
  users[level]++;
  update();
  return () => {
    if (!listeners.delete(listener)) return;
    users[level]--;
    update();
  };
}

function update(): void {
  catchAll = [...listeners].some(({ every }) => every);
  blockingCalls().forEach(({ name, frequent }, index) => {
    const wanted = users.full > 0 || (users.light > 0 && !frequent);
    if (wanted && !patches.has(name)) put(name, index + 1);
    else if (!wanted) take(name);
  });
  syncBuiltinESMExports();
}

function put(name: string, id: number): void {
  const [holder, key] = holderOf(name);
  const original = holder[key];
  if (typeof original !== "function") return;
  const wrapper = wrap(original as Callable, id);
  if (Reflect.set(holder, key, wrapper)) patches.set(name, { holder, key, original, wrapper });
}

/** Restores the original, unless other code has wrapped the function meanwhile. The wrapper then stays, and does no harm. */
function take(name: string): void {
  const patch = patches.get(name);
  if (!patch || patch.holder[patch.key] !== patch.wrapper) return;
  patch.holder[patch.key] = patch.original;
  patches.delete(name);
}

function holderOf(name: string): [Record<string, unknown>, string] {
  const [owner = "", key] = name.split(".");
  if (key === undefined) return [globalThis as unknown as Record<string, unknown>, owner];
  if (owner === "Atomics") return [Atomics as unknown as Record<string, unknown>, key];
  if (owner === "JSON") return [JSON as unknown as Record<string, unknown>, key];
  return [createRequire(import.meta.url)(`node:${owner}`) as Record<string, unknown>, key];
}

function wrap(original: Callable, id: number): Callable {
  const { words, times } = marks;
  const { telling, frequent } = blockingCalls()[id - 1]!;
  const callsOf = time.callsOf(id);
  const msOf = time.msOf(id);
  /** The calls to leave untimed, and those that were left so since the last timed one. */
  let skips = 0;
  let skipped = 0;
  const timedCallReturned = (startedAt: number, argument: string | undefined) => {
    const ms = monotonicMs() - startedAt;
    const standsFor = skipped + 1;
    skips = ms < SHORT_MS ? SKIPPED : 0;
    skipped = 0;
    const stalled = words[mark.stalls]! > 0;
    // A short JSON.parse is not reported, because replacing it would gain nothing.
    if ((stalled && ms >= leastToldMs) || (catchAll && (!frequent || ms >= LEAST_FREQUENT_MS))) return tell(id, argument, startedAt);
    if (!stalled) return;
    times[callsOf]!++;
    times[msOf]! += ms * standsFor;
  };
  const wrapper: Callable = function (...args) {
    const outer = words[mark.call]!;
    const nth = outer === 0 ? ++words[mark.calls]! : 0;
    const timed = outer === 0 && (skipped >= skips || catchAll);
    const first = args[0];
    const argument = telling && typeof first === "string" ? first : undefined;
    // Among the short calls of a stall, none is worth the time for its argument.
    const shown = timed || words[mark.stalls] === 0 ? argument : undefined;
    words[mark.call] = id;
    words[mark.textBytes] = shown === undefined ? 0 : encodeInto(shown, marks.text).written;
    const startedAt = timed ? monotonicMs() : 0;
    try {
      return apply(original, this, args);
    } finally {
      words[mark.call] = outer;
      if (timed) timedCallReturned(startedAt, argument);
      else if (outer === 0) {
        skipped++;
        if (words[mark.stalls]! > 0) {
          if (words[mark.seen] === nth) tell(id, argument, times[time.seenSince]!);
          else times[callsOf]!++;
        }
      }
    }
  };
  // The wrapper has all properties of the function: name, length, realpathSync.native, promisify.custom.
  for (const key of ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor && key !== "prototype") Object.defineProperty(wrapper, key, descriptor);
  }
  return wrapper;
}

/** The shortest call that is told of during a stall. It follows from what telling costs. */
let leastToldMs = LEAST_TOLD_MS;

function tell(id: number, argument: string | undefined, startedAt: number): void {
  const stalled = marks.words[mark.stalls]! > 0;
  const at = monotonicMs();
  const frames = captureFrames(tell);
  const call: ReturnedCall = {
    call: id,
    argument: argument?.slice(0, marks.text.length),
    at,
    durationMs: at - startedAt,
    allowed: isBlockingAllowed(),
    frames,
    ...nameRunning(frames),
  };
  for (const listener of listeners) if (listener.every || stalled) listener.returned(call);
  leastToldMs = Math.min(MOST_LEAST_TOLD_MS, Math.max(LEAST_TOLD_MS, (monotonicMs() - at) / TELLING_SHARE));
}
