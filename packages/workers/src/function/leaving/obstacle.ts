// Detects code that cannot run elsewhere because of its syntax, independent of the values that it captures.
import type { Closure } from "./closure.js";

/** The reason, as a clause. `isRoot`: whether the function itself is called, without a `this`. */
export function obstacleOf({ site: { syntax, variables } }: Closure, isRoot: boolean): string | undefined {
  if (syntax.obstacle) return syntax.obstacle;
  if (syntax.form === "arrow" && syntax.thisUse === "used") return "it uses this of the function around it";
  if (syntax.form === "arrow" && variables.includes("arguments")) return "it uses arguments of the function around it";
  if (isRoot && syntax.form === "class") return "it is a class, which cannot be called without new";
  if (isRoot && syntax.thisUse === "used") return "it uses this, and a call has none. To call a method, pass (...args) => object.method(...args)";
  return undefined;
}
