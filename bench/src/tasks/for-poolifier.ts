// The tasks in the form that poolifier needs.
import { ThreadWorker } from "poolifier";
import { tasks } from "./table.js";

export default new ThreadWorker<any, any>(tasks as Record<string, (argument: any) => any>);
