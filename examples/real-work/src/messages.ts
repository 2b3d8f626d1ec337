// What the measuring process and the server tell each other.
import type { Files } from "./workloads.js";

/** How a server computes, and what. */
export interface Plan {
  readonly workload: string;
  readonly inPlace: boolean;
  readonly files: Files;
}

export interface Listening {
  readonly port: number;
}
