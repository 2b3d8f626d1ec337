// The program of the watching thread: connects the heartbeat, the stall watch, the books and the reports.
// watched/start-watchdog.ts starts it. No function here may need the watched thread to get its work done.
import type { IntervalHistogram } from "node:perf_hooks";
import { workerData } from "node:worker_threads";
import { monotonicMs } from "./protocol/monotonic.js";
import { word, type FromThread, type ReturnedCall, type ToThread, type WatchingThreadData } from "./protocol/messages.js";
import { openSinks, spoolName } from "./report/sinks.js";
import { CpuTimeReader } from "./thread/cpu-time.js";
import { LoopWaitReader } from "./thread/loop-wait.js";
import { History } from "./place/history.js";
import { PlaceBook } from "./place/place-book.js";
import { SampleTree } from "./place/sample-tree.js";
import { MainThreadProbe, WorkerProbe, workerProbesAreLetGo } from "./thread/probe.js";
import { LiveFeed } from "./report/live-feed.js";
import { serve } from "./report/serve.js";
import { SpooledSamples } from "./report/spooled-samples.js";
import { StallWatch } from "./thread/stall-watch.js";
import { SyncCallBook } from "./place/sync-calls.js";
import type { World } from "./thread/world.js";

const data = workerData as WatchingThreadData;
const { port, words, options } = data;

const book = new PlaceBook(options.repeatAfterMs);
const syncCalls = new SyncCallBook(options.allowSyncCallsAt);
const history = new History();
const sinks = openSinks(data, book, history);

// Without an inspector, or without the permission to use it, even the import may fail.
const inspector = data.mayProbe ? await import("node:inspector") : undefined;
let hasProbed = false;

const world: World = {
  now: monotonicMs,
  after: (delayMs, fn) => {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  isExiting: () => Atomics.load(words, word.exiting) === 1,
  cpu: new CpuTimeReader(data.kernelThreadId),
  loopWaits: new LoopWaitReader(data.kernelThreadId),
  rest: (resting) => send({ type: "rest", resting }),
  openProbe: () => {
    if (!inspector) return undefined;
    hasProbed = true;
    return data.workerThreadId === undefined ? new MainThreadProbe(inspector) : new WorkerProbe(inspector, data.workerThreadId);
  },
};

const watch = new StallWatch(data, world, book, {
  opened: () => Atomics.store(words, word.stallOpen, 1),
  began: (stall, due) => {
    sinks.began(stall, due);
    send({ type: "begin", stall });
  },
  ended: (stall, due, stacks) => {
    const samples = SampleTree.of(stacks, stall.durationMs).pack();
    history.ended(stall, samples);
    sinks.ended(stall, due, samples);
    send({ type: "end", stall });
  },
  closed: () => Atomics.store(words, word.stallOpen, 0),
  delayed: (at, delayMs) => {
    history.delayed(at, delayMs);
    sinks.delayed(at, delayMs);
  },
});

const samples = { ask: () => send({ type: "sample" }), release: () => send({ type: "unwatched" }) };
const feed = options.serve && new LiveFeed({ ...data, thresholdMs: options.thresholdMs, watch, book, history, ...samples });
const spooled = data.spool === undefined ? undefined : new SpooledSamples(data.spool, spoolName(history), samples);
const server = options.serve && serve(options.serve, { watch, book, history, feed: feed!, listening: (url) => send({ type: "listening", url }) });

port.on("message", (message: ToThread) => {
  switch (message.type) {
    case "heartbeat":
      watch.start(countBeats(message.histogram));
      return send({ type: "ready" });
    case "returned":
      return returned(message.call);
    case "collected":
      return watch.collected(message.endedAt, message.durationMs);
    case "sample":
      spooled?.sampled(message.sample);
      return feed?.sampling.sampled(message.sample);
    case "flush":
      watch.finish();
      return send({ type: "flushed", id: message.id });
    case "exiting":
      finish();
      Atomics.store(words, word.flushed, 1);
      Atomics.notify(words, word.flushed);
      return;
    case "stop":
      return void stop();
    default:
      message satisfies never;
  }
});

/** Counts the beats of the heart, and each restart after a rest as one more beat. */
function countBeats(histogram: IntervalHistogram): { readonly count: number } {
  return {
    get count() {
      return histogram.count + Atomics.load(words, word.starts);
    },
  };
}

function returned(call: ReturnedCall): void {
  watch.returned(call);
  const reported = options.syncCalls === "report" ? syncCalls.enter(call) : undefined;
  if (!reported) return;
  sinks.syncCall(reported);
  send({ type: "syncCall", call: reported });
}

async function stop(): Promise<void> {
  finish();
  spooled?.close();
  server?.close();
  server?.closeAllConnections();
  if (inspector && hasProbed && data.workerThreadId !== undefined) await workerProbesAreLetGo(inspector);
  // The port stays open, and so the thread stays alive, until the watched thread has read this message and closes it. By then
  // the main thread has released every session.
  send({ type: "stopped" });
}

function finish(): void {
  watch.finish();
  watch.stop();
  sinks.close();
}

function send(message: FromThread): void {
  port.postMessage(message);
}
