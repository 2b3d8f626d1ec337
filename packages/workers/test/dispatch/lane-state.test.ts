// The transition table at the top of src/dispatch/lane-state.ts, cell by cell.
import { type LanePhase, LaneState } from "#workers/dispatch/lane-state.js";
import { expect, it } from "vitest";

type Method = "opened" | "suspected" | "heard" | "wear" | "close" | "kill" | "exited";

const paths: Record<LanePhase, Method[]> = {
  starting: [],
  ready: ["opened"],
  silent: ["opened", "suspected"],
  worn: ["opened", "wear"],
  closing: ["opened", "close"],
  gone: ["kill"],
};

/** For each phase: the phase that follows, and what the method returns. */
const table: Record<LanePhase, Record<Method, [next: LanePhase, returned?: string]>> = {
  starting: { opened: ["ready", "serve"], suspected: ["starting"], heard: ["starting"], wear: ["starting", "nothing"], close: ["closing", "close"], kill: ["gone", "kill"], exited: ["gone", "start-failed"] },
  ready: { opened: ["ready", "nothing"], suspected: ["silent"], heard: ["ready"], wear: ["worn", "leave"], close: ["closing", "close"], kill: ["gone", "kill"], exited: ["gone", "crashed"] },
  silent: { opened: ["silent", "nothing"], suspected: ["silent"], heard: ["ready"], wear: ["worn", "leave"], close: ["closing", "close"], kill: ["gone", "kill"], exited: ["gone", "crashed"] },
  worn: { opened: ["worn", "nothing"], suspected: ["worn"], heard: ["worn"], wear: ["worn", "nothing"], close: ["closing", "close"], kill: ["gone", "kill"], exited: ["gone", "crashed"] },
  closing: { opened: ["closing", "nothing"], suspected: ["closing"], heard: ["closing"], wear: ["closing", "nothing"], close: ["closing", "nothing"], kill: ["gone", "kill"], exited: ["gone", "closed"] },
  gone: { opened: ["gone", "nothing"], suspected: ["gone"], heard: ["gone"], wear: ["gone", "nothing"], close: ["gone", "nothing"], kill: ["gone", "nothing"], exited: ["gone", "nothing"] },
};

const cells = Object.entries(table).flatMap(([phase, row]) => Object.entries(row).map(([method, cell]) => [phase, method, cell] as [LanePhase, Method, [LanePhase, string?]]));

it.each(cells)("a lane that is %s answers %s() as its table says", (phase, method, [next, returned]) => {
  const state = new LaneState();
  for (const each of paths[phase]) state[each]();
  expect(state.phase).toBe(phase);
  expect(state[method]()).toBe(returned);
  expect(state.phase).toBe(next);
  expect(state.awake).toBe(next === "ready" || next === "silent" || next === "worn");
});
