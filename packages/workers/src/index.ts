export * from "./executor/index.js";
export { ThreadPoolExecutor } from "./thread/thread-pool-executor.js";
export type { ThreadPoolOptions } from "./thread/thread-pool-executor.js";
export { ProcessPoolExecutor } from "./process/process-pool-executor.js";
export type { ProcessPoolOptions } from "./process/process-pool-executor.js";
