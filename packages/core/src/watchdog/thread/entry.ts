// The watching thread: wires the heartbeat's reader, the probe, the books and the reports together.
// Started by start-watchdog.ts; it must never go through the watched thread to get anything done.
import { workerData } from "node:worker_threads";
import { word, type FromThread, type ToThread, type WatchingThreadData } from "../protocol.js";
import { ConsoleReporter } from "../report/console-reporter.js";
import { PlaceBook } from "./place-book.js";
import { StallWatch } from "./stall-watch.js";

const data = workerData as WatchingThreadData;
const { port, words } = data;

const book = new PlaceBook(data.repeatAfterMs);
const reporter = new ConsoleReporter(data);

const watch = new StallWatch(data, book, {
  opened: () => Atomics.store(words, word.stallOpen, 1),
  began: (stall, due) => {
    if (due) reporter.began(stall);
    send({ type: "begin", stall });
  },
  ended: (stall, due) => {
    if (due) reporter.ended(stall);
    send({ type: "end", stall });
  },
  closed: () => Atomics.store(words, word.stallOpen, 0),
});

port.on("message", (message: ToThread) => {
  switch (message.type) {
    case "heartbeat":
      void watch.start(message.histogram).then(() => send({ type: "ready" }));
      return;
    case "exiting":
      watch.finish();
      Atomics.store(words, word.flushed, 1);
      Atomics.notify(words, word.flushed);
      return;
    case "stop":
      watch.finish();
      watch.stop();
      send({ type: "stopped" });
      port.close();
      return;
    default:
      message satisfies never;
  }
});

function send(message: FromThread): void {
  port.postMessage(message);
}
