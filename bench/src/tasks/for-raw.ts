// Serves the tasks over a message port. A call is id, name and argument; an answer is id and value.
import { parentPort } from "node:worker_threads";
import { type TaskName, taskNamed } from "./table.js";

parentPort!.on("message", async (calls: unknown[]) => {
  const answers: unknown[] = [];
  for (let index = 0; index < calls.length; index += 3) {
    const value = taskNamed(calls[index + 1] as TaskName)(calls[index + 2]);
    answers.push(calls[index], value instanceof Promise ? await value : value);
  }
  parentPort!.postMessage(answers);
});
