// The words of a refusal: which function, where it is defined, why it cannot travel, what to do.
import { fileURLToPath } from "node:url";
import { FunctionTravelError } from "../executor/errors.js";
import type { FunctionLocation } from "./inspector.js";

const advice = "Export it from a module of its own, name it by workerModule(), or mark it with task().";

/** `render (/app/render.js:12)` for messages; without a place where that is not known. */
export function describeFunction(fn: { readonly name: string }, location?: FunctionLocation): string {
  const name = typeof fn.name === "string" && fn.name !== "" ? fn.name : "An anonymous function";
  return location ? `${name} (${placeOf(location)})` : name;
}

/** The error for a function that cannot travel because of `reason`, a clause in the present tense. */
export function travelError(fn: { readonly name: string }, location: FunctionLocation | undefined, reason: string, whatToDo = advice): FunctionTravelError {
  return new FunctionTravelError(`${describeFunction(fn, location)} cannot travel to a worker: ${reason}. ${whatToDo}`);
}

function placeOf({ url, line, column }: FunctionLocation): string {
  return `${url.startsWith("file:") ? fileURLToPath(url) : url || "code made by eval"}:${line + 1}:${column + 1}`;
}
