// How one function travels: the answer of decide.ts, which discover.ts uses.
import type { FunctionReference } from "../../protocol/function-payload.js";
import type { FunctionLocation } from "./function-location.js";

/** By name, as code, or refused for `reason`; undefined while it is not known. */
export type Decision = FunctionReference | { readonly kind: "code"; readonly location: FunctionLocation } | Refused | undefined;

/** `reason`: a clause in the present tense. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: string;
  readonly location: FunctionLocation | undefined;
  readonly advice?: string;
}
