/** A server that ends with `stop()`, or with this process. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  readonly url: string;
  /** Kills the server with SIGKILL. Its data stay. */
  kill(): Promise<void>;
  /** Kills the server, and starts it again with its data on the same port. */
  restart(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}
export declare function startRedis(args?: readonly string[]): Promise<Server>;
/** With JetStream. */
export declare function startNats(args?: readonly string[]): Promise<Server>;
