// The tasks in the form in which workerpool's workers want them.
import workerpool from "workerpool";
import * as tasks from "./tasks.js";

workerpool.worker({ ...tasks });
