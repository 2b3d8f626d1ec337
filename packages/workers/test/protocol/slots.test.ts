import { Slots } from "#workers/protocol/slots.js";
import { expect, it } from "vitest";

// The table in src/protocol/slots.ts, row by row: both sides over one buffer.
function bothSides(): { main: Slots; worker: Slots } {
  const main = new Slots(8);
  return { main, worker: new Slots(main.buffer) };
}

it("keeps the run time of a call that was taken back and sent to the same slot again", () => {
  const { main, worker } = bothSides();
  main.put(3, 77);
  expect(main.takeBack(3, 77)).toBe(true);
  main.put(3, 77);
  expect(worker.claim(3, 77, 1_000_000)).toBe(true); // by the first message
  worker.finish(3, 77, 1.5);
  expect(worker.claim(3, 77, 1_000_001)).toBe(false); // by the second
  expect(main.ranMs(3)).toBe(1.5);
});

it("goes from queued to running to done to free", () => {
  const { main, worker } = bothSides();
  expect(main.state(3)).toBe("free");
  main.put(3, 77);
  expect(worker.state(3)).toBe("queued");
  expect(worker.claim(3, 77, 12.5)).toBe(true);
  expect(main.state(3)).toBe("running");
  expect(main.startedAt(3)).toBe(12.5);
  worker.finish(3, 77, 1.5);
  expect(main.state(3)).toBe("done");
  expect(main.ranMs(3)).toBe(1.5);
  main.free(3);
  expect(main.state(3)).toBe("free");
});

it("gives a call to the side that swaps first, and never to both", () => {
  const { main, worker } = bothSides();
  main.put(0, 1);
  expect(main.takeBack(0, 1)).toBe(true);
  expect(worker.claim(0, 1, 0)).toBe(false);
  main.put(0, 2);
  expect(worker.claim(0, 2, 0)).toBe(true);
  expect(main.takeBack(0, 2)).toBe(false);
  expect(worker.claim(0, 2, 0)).toBe(false);
});

it("does not let a late message claim the next call in its slot", () => {
  const { main, worker } = bothSides();
  main.put(5, 10);
  main.takeBack(5, 10);
  main.put(5, 11);
  expect(worker.claim(5, 10, 0)).toBe(false);
  expect(worker.claim(5, 11, 0)).toBe(true);
});

it("carries a cancellation to one call only, and not to the next one in its slot", () => {
  const { main, worker } = bothSides();
  main.put(1, 1);
  main.put(2, 2);
  main.requestCancel(1);
  expect(worker.cancelRequested(1)).toBe(true);
  expect(worker.cancelRequested(2)).toBe(false);
  main.put(1, 3);
  expect(worker.cancelRequested(1)).toBe(false);
});

it("keeps ids apart up to the largest", () => {
  const { main, worker } = bothSides();
  main.put(0, 0x1fff_ffff);
  expect(worker.claim(0, 0x1fff_fffe, 0)).toBe(false);
  expect(worker.claim(0, 0x1fff_ffff, 0)).toBe(true);
});
