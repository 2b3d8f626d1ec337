// Helpers of the tests of the primitives.
import { CancelledError, createTask, sleep, type Task } from "@offloop/core";
import { expect } from "vitest";

/** Waits for one pass of the loop. Handles that become ready during the pass run in the next one. */
export const pass = (): Promise<undefined> => sleep(0);

export async function passes(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await sleep(0);
}

/** Runs `body` as a task, so that `pass` counts passes as a test of asyncio does. */
export const inTask = (body: () => Promise<void>) => async (): Promise<void> => createTask(body, { name: "test" });

export async function expectCancelled(awaitable: PromiseLike<unknown>): Promise<void> {
  const error = await Promise.resolve(awaitable).then(
    (value) => new Error(`it gave ${String(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CancelledError);
}

/** As many tasks as `count`, all running `body`. */
export function makeTasks<T>(count: number, body: (index: number) => Promise<T>): Task<Awaited<T>>[] {
  return Array.from({ length: count }, (_, index) => createTask(() => body(index)));
}

/** The words between the brackets of a primitive. */
export const state = (primitive: { toString(): string }): string => /\[(?<words>.*)\]$/.exec(String(primitive))!.groups!["words"]!;
