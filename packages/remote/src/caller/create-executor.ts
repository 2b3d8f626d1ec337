// One line for both: a pool of this machine while the program is small, and other hosts when it has outgrown it.
import { type BaseExecutor, type PoolOptions } from "@offloop/workers/pool";
import { ProcessPoolExecutor } from "@offloop/workers";
import type { SharedOptions } from "../options/remote-options.js";
import { openTransport } from "../options/open-transport.js";
import { RemoteExecutor, type RemoteExecutorOptions } from "./remote-executor.js";

/** Options of `createExecutor`. */
export interface CreateExecutorOptions extends SharedOptions {
  /**
   * The number of calls of this executor that may wait.
   * @default Infinity
   */
  maxQueue?: number | undefined;
  /** Options of the pool, which are used without a URL alone. With one, they belong to the hosts. @default the pool's defaults */
  pool?: PoolOptions | undefined;
}

/**
 * An executor for the engine at `url`. Without a URL it is a `ProcessPoolExecutor`, so the same program runs without an
 * engine. `shutdown()` closes the connections too.
 * @param url `redis://…` (by @offloop/bullmq), `nats://…` (by @offloop/nats), or the `file:` URL of a module that exports `openTransport(url)`; `undefined` or empty: none
 * @throws (by rejection) InvalidOptionError the URL or an option does not fit, or the package of the engine is not installed
 * @example
 * const executor = await createExecutor(process.env.OFFLOOP_URL, { root: new URL("./", import.meta.url) });
 */
export async function createExecutor(url: string | undefined, options: CreateExecutorOptions): Promise<BaseExecutor> {
  const { pool, ...remote } = options;
  if (url === undefined || url === "") return new ProcessPoolExecutor({ ...pool, ...(remote.maxQueue === undefined ? {} : { maxQueue: remote.maxQueue }) });
  const transport = await openTransport(url);
  try {
    return new OwningExecutor({ ...remote, transport });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** Closes its transport when it is shut down. */
class OwningExecutor extends RemoteExecutor {
  readonly #transport: RemoteExecutorOptions["transport"];

  constructor(options: RemoteExecutorOptions) {
    super(options);
    this.#transport = options.transport;
  }

  override async shutdown(...options: Parameters<RemoteExecutor["shutdown"]>): Promise<void> {
    await super.shutdown(...options);
    await this.#transport.close();
  }
}
