// Which function is named as the place, from samples that the test writes.
import { expect, it } from "vitest";
import { attribute } from "#watchdog/place/attribute.js";
import type { RawFrame } from "#watchdog/protocol/messages.js";

const lines = { handler: 1, hash: 10, check: 20, parse: 30, render: 40, cpuUsage: 50 } as const;

type Name = keyof typeof lines;

/** A sample whose stack is given from the outer end. */
const capture = (...names: Name[]) => {
  const frames = names.map((name): RawFrame => ({ file: name === "cpuUsage" ? "node:internal/process/per_thread" : "/app/server.js", line: lines[name], column: 1, function: name, async: false })).toReversed();
  return { at: 0, frames, turned: 0 };
};

/** The function that is named for samples below `handler`: `[callees, number of samples]`. */
function placeOf(...samples: [Name[], number][]): string | undefined {
  // One after another in turn, as callees that take turns are sampled.
  const captures = samples.flatMap(([names, count]) => Array.from({ length: count }, (_, index) => ({ at: index / count, capture: capture("handler", ...names) })));
  const sorted = captures.toSorted((a, b) => a.at - b.at).map(({ capture }) => capture);
  const { place } = attribute({ captures: sorted, returned: [], late: false, probed: true, heldIn: undefined, collectedMs: 0, durationMs: 400, starved: false });
  return place?.function;
}

it.each<[string, string, ...[Name[], number][]]>([
  ["the only callee", "hash", [["hash"], 15]],
  ["the callee of two samples", "hash", [["hash"], 2]],
  ["the caller of two callees with as many samples as chance gives to either", "handler", [["hash"], 9], [["check"], 6]],
  ["the caller of two callees, also if one has more than 60 % of few samples", "handler", [["hash"], 4], [["check"], 2]],
  ["a callee with far more samples than the next", "hash", [["hash"], 13], [["check"], 2]],
  ["a callee with 60 % where no other comes near", "hash", [["hash"], 9], [["check"], 1], [["parse"], 1], [["render"], 1], [[], 3]],
  ["a callee beside the caller's own samples", "hash", [["hash"], 9], [[], 6]],
  ["a callee of many samples with 65 %", "hash", [["hash"], 65], [["check"], 35]],
  ["a callee beside a function of Node", "hash", [["hash"], 11], [["cpuUsage"], 4]],
  ["the caller below a common callee", "parse", [["parse", "hash"], 8], [["parse", "check"], 7]],
])("names %s", (_, expected, ...samples) => {
  expect(placeOf(...samples)).toBe(expected);
});

/** A sample of frames from the outer end, each `[await ]<file>:<function>`. */
const stackOf = (...frames: string[]) => ({
  at: 0,
  turned: 0,
  frames: frames.map((text): RawFrame => {
    const [, awaits, file = "", name = ""] = /^(await )?(.*):(.*)$/.exec(text)!;
    return { file, line: 3, column: 1, function: name, async: awaits !== undefined };
  }).toReversed(),
});

const samplesOf = (count: number, ...frames: string[]) => Array.from({ length: count }, () => stackOf(...frames));

const timers = "node:internal/timers:listOnTimeout";

const [app, dep, other] = ["/app/server.js", "/app/node_modules/dep/index.js", "/app/node_modules/@scope/other/index.js"];

it.each<[string, string, string, ...ReturnType<typeof samplesOf>[]]>([
  ["the program's function that awaits a library", "render", "toThread(render, …)", samplesOf(9, `await ${app}:render`, `${dep}:later`, `${dep}:spin`)],
  ["the program's function that awaits, below functions of the library that differ", "render", "toThread(render, …)", samplesOf(5, `await ${app}:render`, `${dep}:later`, `${dep}:a`), samplesOf(4, `await ${app}:render`, `${dep}:b`)],
  ["the function that runs, not the one that awaits it", "hash", "toThread(hash, …)", samplesOf(9, `await ${app}:handler`, `${dep}:later`, `${app}:hash`, `${dep}:spin`)],
  ["the innermost of two that await", "render", "toThread(render, …)", samplesOf(9, `await ${app}:handler`, `await ${app}:render`, `${dep}:later`)],
  ["a function of the program in half of the samples of a library", "render", "toThread(render, …)", samplesOf(5, `await ${app}:render`, `${dep}:a`), samplesOf(4, `${dep}:later`, `${dep}:a`)],
  ["the deepest function that the samples of a library share", "minify", "the time goes in dep:", samplesOf(5, `${dep}:minify`, `${dep}:a`), samplesOf(5, `${dep}:minify`, `${dep}:b`)],
  ["a library's function, by the package's full name", "spin", "the time goes in @scope/other:", samplesOf(9, `${other}:spin`)],
  ["the caller of code that was made at run time", "page", "toThread(page, …)", samplesOf(9, `${app}:page`, "views/table.ejs:eval")],
  ["a comparator, and the function that sorts as what to offload", "byName", "toThread(sorted, …)", samplesOf(9, `${app}:sorted`, ":Array.sort", `${app}:byName`)],
  ["a listener, and the function that emits as what to offload", "onOrder", "toThread(emitAll, …)", samplesOf(9, "node:internal/timers:listOnTimeout", `${app}:emitAll`, "node:events:emit", `${app}:onOrder`)],
  ["a listener of Node's server, whose arguments cannot travel", "onRequest", "a request and a response cannot travel", samplesOf(9, "node:_http_server:parserOnIncoming", "node:events:emit", `${app}:onRequest`)],
  ["a handler that a framework calls", "show", "a request and a response cannot travel", samplesOf(9, "node:_http_server:parserOnIncoming", "node:events:emit", `${dep}:Layer.handle`, `${app}:show`)],
  ["the function that a handler calls", "render", "toThread(render, …)", samplesOf(9, "node:_http_server:parserOnIncoming", "node:events:emit", `${app}:onRequest`, `${app}:render`)],
  ["what a stream calls for each chunk", "transform", "collect many chunks", samplesOf(9, "node:internal/streams/writable:_write", "node:internal/streams/transform:Transform._write", `${app}:transform`)],
  ["what runs a regular expression, and the pattern as what to change", "validate", "limit the length of the text, or change the pattern", samplesOf(9, timers, `${app}:validate`, ":RegExp.test"), samplesOf(2, timers, `${app}:validate`)],
  ["the named caller of an unnamed callback", "report", "toThread(report, …)", samplesOf(9, timers, `${app}:`, `${app}:report`, ":Array.map", `${app}:`, `${dep}:spin`)],
  ["an unnamed function that nothing named calls", "", "move this work into a function", samplesOf(9, timers, `${app}:`)],
  ["the code of a module, not a function of another file", "", "toThread(start, …)", samplesOf(9, timers, "/app/start.js:start", `${app}:`)],
])("names %s", (_, place, advice, ...captures) => {
  const stall = attribute({ captures: captures.flat(), returned: [], late: false, probed: true, heldIn: undefined, collectedMs: 0, durationMs: 400, starved: false });
  expect([stall.place?.function, stall.fix]).toEqual([place, expect.stringContaining(advice)]);
});

const loader = "node:internal/modules/cjs/loader:require";

/** Samples with a growing number of loaded modules. */
const loadingSamples = (count: number, ...frames: string[]) => samplesOf(count, ...frames).map((sample, index) => ({ ...sample, modules: 100 + index }));

it.each<[string, string, string, ...ReturnType<typeof samplesOf>[]]>([
  ["what began it, the modules and the slowest", "loading firstUse", "at least 8 modules were loaded while the loop ran, most of the time for dep:", loadingSamples(6, timers, `${app}:firstUse`, loader, `${dep}:`, loader), loadingSamples(9, timers, `${app}:firstUse`, loader, `${dep}:`, loader, `${other}:`)],
  ["what began it by import()", "loading firstUse", "modules were loaded while the loop ran:", samplesOf(9, `await ${app}:firstUse`, "await node:internal/modules/esm/loader:import", "node:internal/modules/esm/module_job:link")],
  ["the function of the program, not its modules on the way", "loading firstUse", "most of the time for /app/lazy.js:", samplesOf(9, timers, `${app}:firstUse`, loader, "/app/lazy.js:", loader, `${dep}:`)],
  ["a module of the program that computes itself", "script ", "toThread(firstUse, …)", samplesOf(9, timers, `${app}:firstUse`, loader, "/app/slow.js:")],
  ["a function that computes after a load", "script firstUse", "toThread(firstUse, …)", samplesOf(3, timers, `${app}:firstUse`, loader, `${dep}:`), samplesOf(12, timers, `${app}:firstUse`)],
])("tells of late loading: %s", (_, expected, advice, ...captures) => {
  const { kind, place, fix } = attribute({ captures: captures.flat(), returned: [], late: false, probed: true, heldIn: undefined, collectedMs: 0, durationMs: 400, starved: false });
  expect([`${kind} ${place?.function}`, fix]).toEqual([expected, expect.stringContaining(advice)]);
});

it("does not call the start of a program late loading", () => {
  const { kind, phase } = attribute({ captures: samplesOf(9, "node:internal/modules/run_main:main", `${app}:`, loader, `${dep}:`), returned: [], late: false, probed: true, heldIn: undefined, collectedMs: 0, durationMs: 400, starved: false });
  expect([kind, phase]).toEqual(["script", "startup"]);
});

/** The kind and the place of a stall of `durationMs` whose samples are `[milliseconds, turn, function]`. */
function kindOf(durationMs: number, ...samples: [number, number, Name][]) {
  const captures = samples.map(([at, turned, name]) => ({ ...capture("handler", name), at, turned }));
  const { kind, place } = attribute({ captures, returned: [], late: false, probed: true, heldIn: undefined, collectedMs: 0, durationMs, starved: false });
  return [kind, place?.function];
}

it.each<[string, string, number, ...[number, number, Name][]]>([
  ["one turn", "script hash", 300, [80, 0, "hash"], [85, 0, "hash"], [250, 0, "hash"]],
  ["two turns, of which the second is the longer one", "script parse", 420, [80, 0, "hash"], [85, 0, "hash"], [130, 2, "parse"], [250, 2, "parse"], [400, 2, "parse"]],
  ["many turns, of which one took a third", "script parse", 1_000, [80, 0, "hash"], [200, 2, "check"], [300, 4, "parse"], [600, 4, "parse"], [700, 6, "hash"], [900, 8, "check"], [980, 10, "hash"]],
  ["many short turns", "microtasks hash", 300, [80, 0, "hash"], [100, 2, "hash"], [200, 4, "hash"], [290, 6, "hash"]],
  ["short turns, where two of the first samples met one", "microtasks hash", 120, [80, 0, "hash"], [85, 0, "hash"], [90, 2, "hash"], [95, 4, "hash"]],
  ["two samples of two turns", "microtasks hash", 120, [80, 0, "hash"], [85, 2, "hash"]],
])("tells the kind of %s", (_, expected, durationMs, ...samples) => {
  expect(kindOf(durationMs, ...samples).join(" ")).toBe(expected);
});
