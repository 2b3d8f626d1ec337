// Calls as they cross (FlatCalls of protocol/messages.ts), and why one of them cannot.
import { clones, diagnoseClone } from "../protocol/clone-diagnosis.js";
import { copyToMove } from "../protocol/large-buffers.js";
import type { Call } from "./call.js";
import type { FunctionEntry } from "./function-entry.js";

/** @param moved gets the copies of large buffers, where they can move */
export function flatten(calls: readonly Call[], moved: object[] | undefined): unknown[] {
  const flat: unknown[] = [];
  let row = 0;
  let rowEntry: FunctionEntry | undefined;
  let rowShape = -1;
  let length = 0;
  for (const call of calls) {
    const { entry, extras } = call;
    const args = moved !== undefined && call.transfer === undefined ? copyToMove(call.args, moved) : call.args;
    const shape = args.length * 2 + (extras === undefined ? 0 : 1);
    if (entry !== rowEntry || shape !== rowShape) {
      row = flat.length;
      rowEntry = entry;
      rowShape = shape;
      length = 0;
      flat.push(entry!.id, shape, 0);
    }
    length += 1;
    flat[row + 2] = length;
    flat.push(call.id, call.slot);
    for (let index = 0; index < args.length; index += 1) flat.push(args[index]);
    if (extras !== undefined) flat.push(extras);
  }
  return flat;
}

/** The error of a call that cannot be cloned: its arguments are the cause, or what the function captured. */
export function diagnoseCall(call: Call, cause: unknown): Error {
  const payload = call.entry?.payload;
  if (call.captures !== undefined && payload?.kind === "value" && call.transfer === undefined && clones(call.args)) {
    const captured = Object.fromEntries(payload.functions.flatMap(({ variables }, owner) => variables.map((name, index) => [name, call.captures?.variables[owner]?.[index]])));
    return diagnoseClone(captured, "captured", call.name, [], cause);
  }
  return diagnoseClone(call.args, "args", call.name, call.transfer ?? [], cause);
}
