// captureCallGraph(), printCallGraph(): which tasks await a future, directly or through other tasks. Nothing is recorded
// beforehand. Each call reads the waits of all tasks of the loop.
import { callback, checkOptions, integer, invalidArgument, type OptionTable } from "@offloop/workers/executor";
import { type Future, isFuture } from "../future/future.js";
import type { LoopHost } from "../loop/host.js";
import { framesOfUsers } from "../loop/own-frames.js";
import { tasksWithWaits } from "./left-waits.js";
import { currentTask, Task } from "./task.js";
import { TaskGroup } from "./task-group.js";
import { pendingTasks } from "./task-registry.js";

/** A future, where it waits, and the tasks that await it. */
export interface CallGraph {
  /** The future or task that this part of the graph describes. */
  readonly future: Future<unknown>;
  /**
   * The frames of the task's code, innermost first, with its async frames. For a task that waits they are known in
   * debug mode only, and begin at its await. Empty for a future that is no task.
   */
  readonly callStack: readonly string[];
  /** The tasks that await it, and those that have it in a group, each with its own. */
  readonly awaitedBy: readonly CallGraph[];
}

/** Options of `captureCallGraph`. */
export interface CallGraphOptions {
  /** The number of frames to leave out of the current task's stack, innermost first. The first is the caller's own. @default 0 */
  depth?: number | undefined;
  /** The number of frames in each stack: the innermost ones, or the outermost ones if it is negative. 0: no stack. @default all */
  limit?: number | undefined;
}

/** Options of `printCallGraph`. */
export interface PrintCallGraphOptions extends CallGraphOptions {
  /** Receives the text. @default process.stdout.write */
  write?: ((text: string) => void) | undefined;
}

/** The text shows no further levels: each is indented by 5 columns more. */
const MOST_LEVELS = 100;

const callGraphOptionTypes: OptionTable<CallGraphOptions> = { depth: integer(0), limit: { takes: "an integer", accepts: Number.isSafeInteger } };
const printCallGraphOptionTypes: OptionTable<PrintCallGraphOptions> = { ...callGraphOptionTypes, write: callback };

/**
 * Returns the tasks that await `future`, and the tasks that await those.
 * @param future `undefined`: the current task
 * @returns `undefined` outside a task, if `future` is `undefined`
 * @throws InvalidArgumentError `future` is no future; InvalidOptionError an option does not fit
 * @see https://docs.python.org/3.14/library/asyncio-graph.html#asyncio.capture_call_graph
 */
export function captureCallGraph(future?: Future<unknown>, options?: CallGraphOptions): CallGraph | undefined {
  return capture("captureCallGraph()", future, checkOptions("captureCallGraph()", options, callGraphOptionTypes));
}

/**
 * Writes the call graph of `future` as a text. Writes nothing where `captureCallGraph` returns `undefined`.
 * @param future `undefined`: the current task
 * @throws InvalidArgumentError `future` is no future; InvalidOptionError an option does not fit
 * @see https://docs.python.org/3.14/library/asyncio-graph.html#asyncio.print_call_graph
 */
export function printCallGraph(future?: Future<unknown>, options?: PrintCallGraphOptions): void {
  const { write = (text: string) => void process.stdout.write(text), ...rest } = checkOptions("printCallGraph()", options, printCallGraphOptionTypes);
  const graph = capture("printCallGraph()", future, rest);
  if (graph !== undefined) write(`${format(graph, new Set(), MOST_LEVELS).join("\n")}\n`);
}

function capture(of: string, future: Future<unknown> | undefined, { depth = 0, limit = Infinity }: CallGraphOptions): CallGraph | undefined {
  if (future !== undefined && !isFuture(future)) throw invalidArgument(of, "a future or a task of a loop", future, "a future that ensureFuture() returns");
  const current = currentTask();
  const root = future ?? current;
  if (root === undefined) return undefined;
  const awaiters = awaitersOn(root.getLoop());
  const graphs = new Map<Future<unknown>, CallGraph>();
  const stackOf = (each: Future<unknown>): string[] => {
    if (!(each instanceof Task) || each.done() || limit === 0) return [];
    const frames = each === current ? framesOfUsers(new Error()).slice(depth) : each.getStack();
    return limit < 0 ? frames.slice(limit) : frames.slice(0, limit);
  };
  // A future that two tasks await leads to shared nodes, so that the graph does not grow with the number of paths.
  const nodes: { readonly future: Future<unknown>; readonly callStack: string[]; readonly awaitedBy: CallGraph[] }[] = [];
  const nodeOf = (each: Future<unknown>): CallGraph => {
    let graph = graphs.get(each);
    if (graph === undefined) {
      const node = { future: each, callStack: stackOf(each), awaitedBy: [] };
      nodes.push(node);
      graphs.set(each, (graph = node));
    }
    return graph;
  };
  const graph = nodeOf(root);
  for (const node of nodes) for (const task of awaiters.get(node.future) ?? []) node.awaitedBy.push(nodeOf(task));
  return graph;
}

/** For each awaited future of a loop, the tasks that await it: directly, through other futures, or as the parent of its group. */
function awaitersOn(loop: LoopHost): Map<Future<unknown>, Set<Task<unknown>>> {
  const awaiters = new Map<Future<unknown>, Set<Task<unknown>>>();
  for (const task of [...pendingTasks.of(loop), ...tasksWithWaits.of(loop)] as unknown as Task<unknown>[]) {
    for (const future of awaitedBy(task)) {
      const tasks = awaiters.get(future);
      if (tasks === undefined) awaiters.set(future, new Set([task]));
      else tasks.add(task);
    }
  }
  return awaiters;
}

/** The futures that `task` awaits, with those behind a `gather`, a `then` or a `shield`, and the tasks of its groups. */
export function awaitedBy(task: Task<unknown>): Set<Future<unknown>> {
  const found = new Set<Future<unknown>>(TaskGroup.tasksWithin(task));
  for (const { source } of task.waits) if (isFuture(source)) found.add(source);
  for (const future of found) if (!(future instanceof Task)) for (const behind of future.awaits) if (!behind.done()) found.add(behind);
  return found;
}

function format(graph: CallGraph, shown: Set<CallGraph>, levels: number): string[] {
  const { future, callStack, awaitedBy } = graph;
  const title = `* ${future instanceof Task ? `Task ${future.getName()}` : "Future"}`;
  if (shown.has(graph)) return [`${title} (see above)`];
  if (levels === 0) return [`${title} (and those that await it: see captureCallGraph())`];
  shown.add(graph);
  return [
    title,
    ...(callStack.length === 0 ? [] : ["  + Call stack:", ...callStack.map((frame) => `  |   ${frame}`)]),
    ...(awaitedBy.length === 0 ? [] : ["  + Awaited by:", ...awaitedBy.flatMap((each) => format(each, shown, levels - 1).map((line) => `     ${line}`))]),
  ];
}
