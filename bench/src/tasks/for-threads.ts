// The tasks in the form that threads needs.
import { createRequire } from "node:module";
import { tasks } from "./table.js";

const { expose } = createRequire(import.meta.url)("threads/worker") as { expose(functions: object): void };

expose(tasks);
