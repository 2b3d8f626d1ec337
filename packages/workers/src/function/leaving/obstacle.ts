// Detects code that cannot run elsewhere because of its syntax, independent of the values that it captures.
import type { Closure } from "./closure.js";
import { functionName } from "../../executor/text-of.js";

/** Why a function cannot travel, as a clause, and what to write instead. */
export interface Obstacle {
  readonly reason: string;
  readonly advice?: string;
}

/** `isRoot`: whether the function itself is called, without a `this`. */
export function obstacleOf({ fn, site: { syntax, variables } }: Closure, isRoot: boolean): Obstacle | undefined {
  if (syntax.obstacle) return { reason: syntax.obstacle };
  if (syntax.form === "arrow" && syntax.thisUse === "used") {
    return { reason: "it uses this of the function around it", advice: "Read what it needs into variables before the call, const { total } = this, and use those. They are captured." };
  }
  if (syntax.form === "arrow" && variables.includes("arguments")) {
    return { reason: "it uses arguments of the function around it", advice: "Declare them, (...args) => …, and pass their values to the call." };
  }
  if (isRoot && syntax.form === "class") {
    const name = functionName(fn) || "Class";
    return { reason: "it is a class, which cannot be called without new", advice: `Pass a function that makes an instance and returns data, (...args) => new ${name}(...args).result(), or keep an instance in a worker: spawnActor(${name}).` };
  }
  if (isRoot && syntax.thisUse === "used") {
    return { reason: "it uses this, and a call has none", advice: `To call a method, pass (...args) => object.${functionName(fn) || "method"}(...args).` };
  }
  return undefined;
}
