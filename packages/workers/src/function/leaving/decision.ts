// How a single function travels: what decide.ts answers, and discover.ts asks.
import type { FunctionReference } from "../../protocol/function-payload.js";
import type { FunctionLocation } from "./inspector.js";

/** By its name, as code, or not at all for the `reason`; undefined while that is not known. */
export type Decision = FunctionReference | { readonly kind: "code"; readonly location: FunctionLocation } | Refused | undefined;

/** `reason`: a clause in the present tense. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: string;
  readonly location: FunctionLocation | undefined;
  readonly advice?: string;
}
