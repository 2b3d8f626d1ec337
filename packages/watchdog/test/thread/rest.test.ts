// When the heartbeat stops and starts again. The test provides the state of the watched thread.
import { expect, it } from "vitest";
import { mark } from "#watchdog/protocol/marks.js";
import { Rest } from "#watchdog/thread/rest.js";
import type { World } from "#watchdog/thread/world.js";

const loop = "281 0xe";

function resting({ waitsForEvents = true } = {}) {
  const asked: boolean[] = [];
  const words = new Int32Array(mark.count);
  const thread: { sleepsIn: string | undefined } = { sleepsIn: loop };
  const loopWaits = { sleepsIn: () => thread.sleepsIn, waitsForEvents: () => waitsForEvents, close: () => undefined };
  const rest = new Rest({ loopWaits, rest: (on: boolean) => asked.push(on) } as unknown as World, { words, text: new Uint8Array(0), times: new Float64Array(0), base: 0 });
  let now = 0;
  /** Polls for so long; a beat comes before each poll while the heart has not been asked to rest. */
  const poll = (forMs = 25) => {
    let turns = false;
    for (const until = now + forMs; now < until;) turns = rest.turns(asked.at(-1) !== true, (now += 25));
    return turns;
  };
  return { asked, words, thread, poll };
}

it("stops the heartbeat after the loop has waited for events for a second", () => {
  const { asked, poll } = resting();
  expect(poll(900)).toBe(true);
  expect(asked).toEqual([]);
  expect(poll(5_000)).toBe(true);
  expect(asked).toEqual([true]);
});

it("starts the heartbeat when two consecutive reads find that the loop does not wait", () => {
  const { asked, thread, poll } = resting();
  poll(2_000);
  thread.sleepsIn = undefined;
  expect(poll()).toBe(false);
  expect(asked).toEqual([true]);
  expect(poll()).toBe(false);
  expect(asked).toEqual([true, false]);
});

it("does not confuse another wait with the loop's own: for a child, or in a marked call", () => {
  const { words, thread, poll } = resting();
  poll(2_000);
  thread.sleepsIn = "281 0x15";
  expect(poll()).toBe(false);
  thread.sleepsIn = loop;
  expect(poll()).toBe(true);
  words[mark.call] = 1;
  expect(poll()).toBe(false);
});

it.each([
  ["runs", undefined, true],
  ["sleeps in what is no wait for events", "202 0x7f00", false],
])("goes on beating where the thread %s", (_, sleepsIn, waitsForEvents) => {
  const { asked, thread, poll } = resting({ waitsForEvents });
  thread.sleepsIn = sleepsIn;
  poll(5_000);
  expect(asked).toEqual([]);
});
