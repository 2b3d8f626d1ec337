// The tasks in the form that workerpool needs.
import workerpool from "workerpool";
import { tasks } from "./table.js";

workerpool.worker({ ...tasks });
