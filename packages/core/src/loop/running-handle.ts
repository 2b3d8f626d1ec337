// Which handle runs now, for who looks from another thread: the watchdog reads the words, and asks
// here for the name of what it found.

/** Int32 words: the id of the handle that runs (0: none), and how many have been run. */
export const runningHandle = new SharedArrayBuffer(8);
const words = new Int32Array(runningHandle);

/** What a handle is called. */
export interface HandleDescription {
  readonly name: string;
  /** The task that it steps, where it does. */
  readonly task?: string;
}

let current: { readonly id: number; describe(): HandleDescription } | undefined;

/** A handle begins. */
export function enterHandle(handle: NonNullable<typeof current>): void {
  current = handle;
  words[0] = handle.id;
}

/** It has ended, and so have the microtasks that it woke. */
export function leaveHandle(): void {
  current = undefined;
  words[0] = 0;
  words[1]! += 1;
}

/** The name of the handle with this id, as long as it runs. */
export function describeHandle(id: number): HandleDescription | undefined {
  return current?.id === id ? current.describe() : undefined;
}
