import { ThreadPoolExecutor } from "@offloop/workers";

export default (options) => new ThreadPoolExecutor(options);
