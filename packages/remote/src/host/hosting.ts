// What a host is to the calls that it runs.
import type { BaseExecutor } from "@offloop/workers/pool";
import type { HostAbout, ToCaller } from "../messages/messages.js";

/** The parts of a host that its calls use. */
export interface Hosting {
  readonly pool: BaseExecutor;
  /** The URL of the folder of its modules. */
  readonly root: string;
  about(): HostAbout;
  /** The largest message, in bytes. */
  readonly maxBytes: number;
  send(caller: string, message: ToCaller): Promise<void>;
}
