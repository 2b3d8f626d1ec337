// Which handle runs now, for who looks from another thread: the watchdog reads the words while this
// thread is stuck, writes which one it wants to know of, and asks here for its name.
//
//   int32 0   the id of the handle that runs; 0: none           written here
//   int32 1   how many handles have been run                    written here
//   int32 2   the id that the watcher asks for                  written by the watcher
//   float 2   when the turn of that handle began, in milliseconds since the epoch: the handle itself
//             began then or later, exactly then in debug mode    written here

/** The shared words. */
export const runningHandle = new SharedArrayBuffer(24);
const words = new Int32Array(runningHandle);
const times = new Float64Array(runningHandle);

/** How many descriptions of ended handles are kept for the watcher. */
const KEPT = 16;

/** What a handle is called. */
export interface HandleDescription {
  readonly name: string;
  /** The task that it steps, where it does. */
  readonly task?: string;
  /** Where it was scheduled; in debug mode. */
  readonly createdAt?: string;
}

/** What runs: a handle, or a task's next step. */
export interface Runnable {
  /** Set when it begins to run. */
  id: number;
  describe(): HandleDescription;
}

let current: Runnable | undefined;
let lastId = 0;
const asked = new Map<number, HandleDescription>();

/** A turn of the loop begins. */
export function markTurn(now: number): void {
  times[2] = performance.timeOrigin + now;
}

/** A handle begins. */
export function enterHandle(handle: Runnable): void {
  current = handle;
  lastId = (lastId + 1) & 0x7fff_ffff;
  words[0] = handle.id = lastId;
}

/** It has ended, and so have the microtasks that it woke. */
export function leaveHandle(): void {
  if (current === undefined) return;
  if (words[2] === current.id && current.id !== 0) remember(current);
  current = undefined;
  words[0] = 0;
  words[1]! += 1;
}

function remember(handle: Runnable): void {
  asked.set(handle.id, handle.describe());
  if (asked.size > KEPT) asked.delete(asked.keys().next().value!);
}

/** The name of the handle with this id: as long as it runs, and after that if it was asked for while it ran. */
export function describeHandle(id: number): HandleDescription | undefined {
  return current?.id === id ? current.describe() : asked.get(id);
}
