// The transition table at the top of src/dispatch/call.ts, cell by cell.
import { Call, type CallPhase } from "#workers/dispatch/call.js";
import { FunctionProfile } from "#workers/dispatch/function-profile.js";
import { defaultCallOptions } from "#workers/executor/call-options.js";
import { expect, it } from "vitest";

const profile = new FunctionProfile("add", { kind: "reference", module: "file:///add.js", export: "add", loader: "import", name: "add" });
const stopped = new Error("stopped");

const methods = {
  queue: (call: Call) => call.queue(profile),
  send: (call: Call) => call.send(),
  requeue: (call: Call) => call.requeue(),
  stop: (call: Call) => call.stop(stopped),
  abandon: (call: Call) => call.abandon(),
  finish: (call: Call) => call.finish(),
};
type Method = keyof typeof methods;

const paths: Record<CallPhase, Method[]> = {
  locating: [],
  queued: ["queue"],
  sent: ["queue", "send"],
  stopping: ["queue", "send", "stop"],
  abandoned: ["queue", "send", "abandon"],
  done: ["finish"],
};

function callThatIs(phase: CallPhase, options = defaultCallOptions): Call {
  const call = new Call(() => {}, [{ large: true }], options, { cancel: () => false }, callThatIs);
  call.future.catch(() => {});
  for (const method of paths[phase]) methods[method](call);
  expect(call.phase).toBe(phase);
  return call;
}

/** For each phase: the phase that follows and what the method returns; `undefined`: it throws. */
const table: Record<CallPhase, Record<Method, [next: CallPhase, returned?: string] | undefined>> = {
  locating: { queue: ["queued", "wait"], send: undefined, requeue: undefined, stop: ["locating", "settle"], abandon: undefined, finish: ["done", "settle"] },
  queued: { queue: undefined, send: ["sent"], requeue: undefined, stop: ["queued", "settle"], abandon: undefined, finish: ["done", "settle"] },
  sent: { queue: undefined, send: undefined, requeue: ["queued", "queue"], stop: ["stopping", "tell"], abandon: ["abandoned", "settle"], finish: ["done", "settle"] },
  stopping: { queue: undefined, send: undefined, requeue: ["stopping", "finish"], stop: ["stopping", "nothing"], abandon: ["abandoned", "settle"], finish: ["done", "settle"] },
  abandoned: { queue: undefined, send: undefined, requeue: ["abandoned", "finish"], stop: ["abandoned", "nothing"], abandon: undefined, finish: ["done", "nothing"] },
  done: { queue: ["done", "nothing"], send: undefined, requeue: undefined, stop: ["done", "nothing"], abandon: undefined, finish: ["done", "nothing"] },
};

const cells = Object.entries(table).flatMap(([phase, row]) => Object.entries(row).map(([method, cell]) => [phase, method, cell] as [CallPhase, Method, [CallPhase, string?] | undefined]));

it.each(cells)("a call that is %s answers %s() as its table says", (phase, method, cell) => {
  const call = callThatIs(phase);
  if (cell === undefined) {
    expect(() => methods[method](call)).toThrow(`${method}() was called for a call that is ${phase}`);
    expect(call.phase).toBe(phase);
  } else {
    expect(methods[method](call)).toBe(cell[1]);
    expect(call.phase).toBe(cell[0]);
  }
});

it.each(["locating", "queued", "sent", "stopping", "abandoned"] as const)("a call that is %s gives the room of its limiter back once, when it is done", (phase) => {
  let released = 0;
  const call = callThatIs(phase, { ...defaultCallOptions, limiter: { acquire() {}, release: () => void (released += 1) } });
  call.limited = true;
  expect(released).toBe(0);
  call.finish();
  call.finish();
  expect(released).toBe(1);
});

it.each(["abandoned", "done"] as const)("a call that is %s keeps no arguments", (phase) => {
  expect(callThatIs("sent").args).toHaveLength(1);
  expect(callThatIs(phase).args).toHaveLength(0);
});
