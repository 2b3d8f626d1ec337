import { ProcessPoolExecutor } from "@offloop/workers";

export default (options) => new ProcessPoolExecutor(options);
