// The worker's side of peers/shared-memory.ts. It blocks its thread while it waits, so timers and sockets would not work here.
import { workerData } from "node:worker_threads";
import { Ring } from "./ring.js";
import { increment } from "./tasks.js";

const requests = new Ring(workerData.requests);
const answers = new Ring(workerData.answers);
for (;;) {
  for (let value = requests.shift(); value !== undefined; value = requests.shift()) {
    const answer = increment(value);
    while (!answers.push(answer));
  }
  requests.wait();
}
