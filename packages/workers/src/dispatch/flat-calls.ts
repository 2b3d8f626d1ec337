// Turns calls into the form in which they cross (FlatCalls of protocol/messages.ts), and diagnoses calls that cannot.
import { clones, diagnoseClone, holdsRefused } from "../protocol/clone-diagnosis.js";
import { copyToMove } from "../protocol/large-buffers.js";
import type { CallExtras } from "../protocol/messages.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, type Parcel, parcelFor } from "../protocol/parcel.js";
import { RefusedValueError } from "../protocol/refused-value.js";
import type { Call } from "./call.js";
import type { FunctionProfile } from "./function-profile.js";

/**
 * @param besides receives the objects that are sent beside the calls: those that move, and Buffers
 * @throws the error of the check or getter that refused a value
 */
export function flatten(calls: readonly Call[], to: Destination, besides: Besides): unknown[] {
  const flat: unknown[] = [];
  let row = 0;
  let rowProfile: FunctionProfile | undefined;
  let rowShape = -1;
  let length = 0;
  for (const call of calls) {
    const { profile, transfer } = call;
    let args = to === "thread" && transfer === undefined ? copyToMove(call.args, besides.moved) : call.args;
    const parcel = parcelFor(args, "args", to, besides, transfer as readonly object[] | undefined);
    let { extras } = call;
    if (parcel !== undefined) args = [];
    if (extras !== undefined || parcel !== undefined) extras = packExtras(extras, parcel, to, besides);
    const shape = args.length * 2 + (extras === undefined ? 0 : 1);
    if (profile !== rowProfile || shape !== rowShape) {
      row = flat.length;
      rowProfile = profile;
      rowShape = shape;
      length = 0;
      flat.push(profile!.id, shape, 0);
    }
    length += 1;
    flat[row + 2] = length;
    flat.push(call.id, call.slot);
    for (let index = 0; index < args.length; index += 1) flat.push(args[index]);
    if (extras !== undefined) flat.push(extras);
  }
  return flat;
}

/** The extras, with the packed parts of the call. */
function packExtras(extras: CallExtras = {}, args: Parcel | undefined, to: Destination, besides: Besides): CallExtras {
  const { captures, context, ...others } = extras;
  const capturesParcel = parcelFor(captures, "captured", to, besides);
  const contextParcel = parcelFor(context, "context", to, besides);
  if ((args ?? capturesParcel ?? contextParcel) === undefined) return extras;
  return {
    ...others,
    ...(captures !== undefined && capturesParcel === undefined ? { captures } : {}),
    ...(context !== undefined && contextParcel === undefined ? { context } : {}),
    packed: {
      ...(args === undefined ? {} : { args }),
      ...(capturesParcel === undefined ? {} : { captures: capturesParcel }),
      ...(contextParcel === undefined ? {} : { context: contextParcel }),
    },
  };
}

/** The error that names the argument or captured value of a call that cannot cross. */
export function diagnoseCall(call: Call, cause: unknown): Error {
  const payload = call.profile?.payload;
  if (call.captures !== undefined && payload?.kind === "value" && call.transfer === undefined && !isInArguments(call, cause)) {
    const captured = Object.fromEntries(payload.functions.flatMap(({ variables }, owner) => variables.map((name, index) => [name, call.captures?.variables[owner]?.[index]])));
    return diagnoseClone(captured, "captured", call.name, [], cause);
  }
  return diagnoseClone(call.args, "args", call.name, call.transfer ?? [], cause);
}

function isInArguments({ args }: Call, cause: unknown): boolean {
  return cause instanceof RefusedValueError ? holdsRefused(args, cause) : !clones(args);
}
