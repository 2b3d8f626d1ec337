// The text of a refusal: the function, the place of its definition, the reason, and what to do.
import { fileURLToPath } from "node:url";
import { FunctionTravelError } from "../../executor/errors.js";
import type { FunctionLocation } from "./function-location.js";
import { functionName } from "../../executor/text-of.js";

const ADVICE = "Export it from a module other than the program's entry, or name it by workerModule() or task().";

/** A place in the source, as far as it is known. Counted from zero. */
interface Place {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** The functions that make instances of a class. Their place in this file would tell a user nothing. */
const makers = new WeakSet<object>();

/** A function that makes an instance of `Class`, for a class that travels as code. Messages name the class. */
export function makerOf(Class: new (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
  const make = (...args: unknown[]): unknown => new Class(...args);
  Object.defineProperty(make, "name", { value: functionName(Class) });
  makers.add(make);
  return make;
}

/** `render (/app/render.js:12:8)` for messages; without the place if it is unknown. */
export function describeFunction(fn: { readonly name: string }, location?: FunctionLocation): string {
  const name = functionName(fn) || "an anonymous function";
  return location && !makers.has(fn) ? `${name} (${describePlace(location)})` : name;
}

/** The error for a function that cannot travel because of `reason`, a clause in the present tense. */
export function refusal(fn: { readonly name: string }, location: FunctionLocation | undefined, reason: string, whatToDo = ADVICE, cause?: unknown): FunctionTravelError {
  const subject = describeFunction(fn, location).replace(/^an anonymous/, "An anonymous");
  return new FunctionTravelError(`${subject} cannot travel to a worker: ${reason}. ${whatToDo}`, cause === undefined ? undefined : { cause });
}

/** `/app/render.js:12:8`, a form that editors and terminals recognise. */
export function describePlace({ url, line, column }: Place): string {
  return `${url.startsWith("file:") ? fileURLToPath(url) : url || "code made by eval"}:${line + 1}:${column + 1}`;
}
