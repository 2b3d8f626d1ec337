// For the contract suite: starts a host, and creates an executor that uses it.
import type { PoolOptions } from "@offloop/workers/pool";
import { TcpExecutor } from "./tcp-executor.js";

export default (options: PoolOptions): TcpExecutor => new TcpExecutor({ ...options, port: Number(process.env.TCP_EXECUTOR_PORT) });
