// The looks of the watching thread at the marked calls, at exact times.
import { expect, it } from "vitest";
import { mark, MOST_KINDS, time, type Marks } from "#watchdog/protocol/marks.js";
import { CallWatch, ShortCalls } from "#watchdog/thread/call-watch.js";

const encoder = new TextEncoder();

function marksOf(): Marks & { run(call: number, nth: number, argument?: string): void } {
  const words = new Int32Array(mark.count);
  const text = new Uint8Array(8);
  return {
    words,
    text,
    times: new Float64Array(time.msOf(MOST_KINDS) + 1),
    base: 0,
    run(call, nth, argument = "") {
      words[mark.call] = call;
      words[mark.calls] = nth;
      words[mark.textBytes] = encoder.encodeInto(argument, text).written;
    },
  };
}

it("names the function that ran for more than 60 % of the time since the beat", () => {
  const marks = marksOf();
  const calls = new CallWatch(marks, 0);
  marks.run(3, 1);
  calls.look(60);
  expect(calls.holding?.call).toBe(3);
  marks.run(0, 1);
  calls.look(100);
  expect(calls.holding).toBeUndefined();
  marks.run(3, 2);
  calls.look(102);
  expect(calls.holding?.call).toBe(3);
  calls.beat(103);
  expect(calls.holding).toBeUndefined();
});

it("does not count time of suspension", () => {
  const marks = marksOf();
  const calls = new CallWatch(marks, 0);
  calls.look(50);
  calls.postpone(1_000);
  marks.run(3, 1);
  calls.look(1_060);
  expect(calls.holding).toBeUndefined();
});

it("shows the argument of a call that lasts, and of none among many short ones", () => {
  const marks = marksOf();
  const calls = new CallWatch(marks, 0);
  marks.run(3, 1, "a");
  calls.look(10);
  marks.run(3, 2, "b");
  calls.look(20);
  expect(calls.holding).toEqual({ call: 3, argument: undefined });
  calls.look(30);
  expect(calls.holding).toEqual({ call: 3, argument: "b" });
});

it("tells the wrapper of a call that two looks found, and since when it runs", () => {
  const marks = marksOf();
  const calls = new CallWatch(marks, 0);
  marks.run(3, 7);
  calls.look(10);
  expect(marks.words[mark.seen]).toBe(0);
  calls.look(14);
  expect([marks.words[mark.seen], marks.times[time.seenSince]]).toEqual([7, 10]);
});

it("names the function whose short calls took most of the time since the stall opened, by their sums", () => {
  const marks = marksOf();
  marks.times[time.msOf(3)] = 500;
  const short = new ShortCalls(marks, 100);
  marks.times[time.msOf(3)]! += 55;
  marks.times[time.msOf(4)]! += 65;
  expect(short.holding(200)).toEqual({ call: 4, argument: undefined });
  expect(short.holding(300)).toBeUndefined();
});
