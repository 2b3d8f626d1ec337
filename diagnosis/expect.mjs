// What V8's CPU profile says of a stall. The place is the deepest function with at least 60 % of the stall's time: one of
// the program's own if there is one, else one of a dependency. The kind follows from the shares of the time.
import { fileURLToPath } from "node:url";

/** A function has the time of a stall if it, or what it called, took this share of it. */
const PLACE_SHARE = 0.6;

/** The profile has some hundred samples of a stall: two standard deviations of a share of them. Within it, the function may be the place or not. */
const SAMPLING_ERROR = 0.05;

/** From the first share on, a kind may be told; from the second on, no other. */
const MAY_SHARE = 0.5;
const MUST_SHARE = 0.6;

const HOT_FUNCTIONS = 3;

/**
 * @param profile a `.cpuprofile`
 * @param isIgnored whether frames of a URL are left out
 * @returns `between(fromMs, toMs)`, the samples between two times of the monotonic clock, and all `functions`
 */
export function readProfile({ nodes, samples, timeDeltas, startTime }, isIgnored = () => false) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) for (const child of node.children ?? []) byId.get(child).parent = node;
  const stackOf = (node) => {
    if (node.stack === undefined) {
      const outer = node.parent === undefined ? [] : stackOf(node.parent);
      node.stack = node.callFrame.functionName === "(root)" || isIgnored(node.callFrame.url) ? outer : [...outer, describe(node.callFrame)];
    }
    return node.stack;
  };
  let at = startTime;
  const all = samples.map((id, index) => {
    at += timeDeltas[index];
    return { atMs: at / 1000, ms: (timeDeltas[index + 1] ?? 0) / 1000, id };
  });
  const functions = new Map(nodes.flatMap((node) => stackOf(node)).map((frame) => [keyOf(frame), frame]));
  return {
    between: (fromMs, toMs) => all.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ id, ms }) => ({ ms, stack: stackOf(byId.get(id)) })),
    functions: [...functions.values()],
  };
}

function describe({ functionName, url, lineNumber, columnNumber }) {
  const file = url.startsWith("file:") ? fileURLToPath(url) : url;
  // Code that was made at run time has lines, but no file that a person could open.
  const isBuiltIn = file === "" && lineNumber < 0;
  const isNode = isBuiltIn || file === "" || file.startsWith("node:");
  const origin = isNode ? "node" : /[\\/]node_modules[\\/]/.test(file) || !/^([\\/]|[A-Za-z]:\\)/.test(file) ? "dependency" : "user";
  return { name: functionName === "(anonymous)" ? "" : functionName, file, line: lineNumber + 1, column: columnNumber + 1, origin, isBuiltIn };
}

/** @param stretch the samples of a stall @returns the places that are right, with the kinds and hot functions that are */
export function expectedOf(stretch) {
  const totalMs = timeOf(stretch);
  // A collection has no stack.
  const stacked = stretch.filter(({ stack }) => stack.some(({ origin }) => origin !== "node"));
  return { totalMs, places: placesOf(stacked, "user", byFunction), foreign: distinct([...placesOf(stacked, "dependency", byFunction), ...placesOf(stacked, "dependency", byChain)]), kinds: kindsOf(stretch, totalMs), hot: hotOf(stacked) };
}

function distinct(places) {
  return [...new Map(places.toReversed().map((place) => [keyOf(place.frame), place])).values()].toReversed();
}

function timeOf(stretch) {
  return stretch.reduce((sum, { ms }) => sum + ms, 0);
}

const byFunction = (stack, depth) => keyOf(named(stack, depth));

/** In a library that calls itself, a function that the samples have in common is as right as a helper that each of its parts calls. */
const byChain = (stack, depth) => stack.slice(0, depth + 1).map(keyOf).join("\n");

/** The deepest function of an origin that has the place's share, and any deeper one whose share is too near to tell. */
function placesOf(stretch, origin, identify) {
  const totalMs = timeOf(stretch);
  const found = new Map();
  for (const { ms, stack } of stretch) {
    const seen = new Set();
    for (const [depth, { origin: own }] of stack.entries()) {
      if (own !== origin) continue;
      const id = identify(stack, depth);
      if (seen.has(id)) continue;
      seen.add(id);
      const entry = found.get(id) ?? { frame: named(stack, depth), ms: 0, depths: 0 };
      entry.ms += ms;
      entry.depths += depth * ms;
      found.set(id, entry);
    }
  }
  const all = [...found.values()].map(({ frame, ms, depths }) => ({ frame, share: ms / totalMs, depth: depths / ms })).toSorted((a, b) => b.depth - a.depth);
  const certain = all.findIndex(({ share }) => share >= PLACE_SHARE + SAMPLING_ERROR);
  const deepest = certain < 0 ? all : all.slice(0, certain + 1);
  return deepest.filter(({ share }) => share >= PLACE_SHARE - SAMPLING_ERROR);
}

/** A callback without a name counts as part of its nearest caller in the same file that has one. */
function named(stack, depth) {
  const frame = stack[depth];
  if (frame.name !== "") return frame;
  return stack.slice(0, depth).findLast(({ file, name }) => file === frame.file && name !== "") ?? frame;
}

function keyOf({ file, name, line, column }) {
  return `${file}:${name}:${line}:${column}`;
}

function kindsOf(stretch, totalMs) {
  const share = (test) => timeOf(stretch.filter(({ stack }) => test(stack))) / totalMs;
  const collection = share((stack) => stack.at(-1)?.name === "(garbage collector)");
  const loading = share(isLoading);
  // A profile shows one long call of V8's own functions (`sort`, `stringify`) as it shows many short ones.
  const native = share((stack) => isNativeCode(stack.at(-1)));
  const blocking = share((stack) => isNativeCode(stack.at(-1)) && stack.at(-2)?.file.startsWith("node:"));
  const must = [["collection", collection], ["loading", loading], ["native", blocking]].find(([, part]) => part >= MUST_SHARE);
  if (must) return [must[0]];
  const may = [["collection", collection], ["loading", loading], ["native", native]].filter(([, part]) => part >= MAY_SHARE).map(([kind]) => kind);
  return [...may, "script"];
}

/** Whether code of the program, or of a dependency, waits for the loader of modules. */
function isLoading(stack) {
  const caller = stack.findIndex(({ origin }) => origin !== "node");
  return caller >= 0 && stack.some(({ file }, at) => at > caller && file.startsWith("node:internal/modules/"));
}

function isNativeCode(frame) {
  return frame !== undefined && frame.isBuiltIn && !/^(\(|RegExp: )/.test(frame.name);
}

/** The functions in which most of the time was spent. Node's are part of their callers. */
function hotOf(stretch) {
  const totalMs = timeOf(stretch);
  const found = new Map();
  for (const { ms, stack } of stretch) {
    const frame = stack.findLast(({ origin }) => origin !== "node");
    const entry = found.get(keyOf(frame)) ?? { frame, ms: 0 };
    entry.ms += ms;
    found.set(keyOf(frame), entry);
  }
  return [...found.values()].toSorted((a, b) => b.ms - a.ms).slice(0, HOT_FUNCTIONS).map(({ frame, ms }) => ({ frame, share: ms / totalMs }));
}
