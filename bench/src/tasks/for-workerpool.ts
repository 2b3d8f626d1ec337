// The tasks in the form in which workerpool's workers want them.
import workerpool from "workerpool";
import { tasks } from "./table.js";

workerpool.worker({ ...tasks });
