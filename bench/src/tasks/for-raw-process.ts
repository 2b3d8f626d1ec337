// Serves the tasks over the IPC channel of a child process.
import { type TaskName, taskNamed } from "./table.js";

process.on("message", async ([id, name, argument]: [number, TaskName, unknown]) => {
  process.send!([id, await taskNamed(name)(argument)]);
});
