// The messages between interleave.ts and a contender's process, child.ts.
import type { ContenderKey } from "../peers/index.js";
import type { Effort, Sample } from "../suites/suite.js";

/** The child's only argument, as JSON. */
export interface ChildSetup {
  readonly suite: string;
  readonly contender: ContenderKey;
  readonly effort: Effort;
}

export type ToChild = "round" | "close";

export type FromChild =
  | { readonly type: "ready"; readonly name: string }
  | { readonly type: "sample"; readonly sample: Sample }
  | { readonly type: "failed"; readonly message: string };
