import { installCapture } from "#watchdog/watched/capture-stack.js";
import { expect, it } from "vitest";

installCapture(undefined);
const capture = (globalThis as unknown as Record<symbol, () => string>)[Symbol.for("offloop.watchdog.capture")]!;

/** How many of the microtasks and ticks that captures queue have run so far. */
const turned = (): number => (JSON.parse(capture()) as { turned: number }).turned;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("queues no tick between callbacks, where Node would lose it and all later ones", async () => {
  await turn();
  const before = turned(); // from here, a callback: a microtask and a tick
  await turn();
  expect(turned() - before).toBe(2);
  await turn();
  const between = turned();
  await turn();
  setTimeout(capture, 0); // by Node itself, with nothing of the program on the stack: a microtask alone
  await new Promise((resolve) => setTimeout(resolve, 0)); // timers of one length run in their order
  await turn();
  expect(turned() - between).toBe(2 + 1);
});
