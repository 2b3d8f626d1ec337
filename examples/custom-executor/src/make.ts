// For the contract suite: makes an executor on the host that it has started.
import type { PoolOptions } from "@offloop/workers/pool";
import { TcpExecutor } from "./tcp-executor.js";

export default (options: PoolOptions): TcpExecutor => new TcpExecutor({ ...options, port: Number(process.env.TCP_EXECUTOR_PORT) });
