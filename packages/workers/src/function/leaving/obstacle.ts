// What keeps a function from working elsewhere by the way it is written, whatever it captures.
import type { Closure } from "./closure.js";

/** The reason, as a clause. `isRoot`: whether it is the function that is called, without any `this`. */
export function obstacleOf({ site: { syntax, variables } }: Closure, isRoot: boolean): string | undefined {
  if (syntax.obstacle) return syntax.obstacle;
  if (syntax.form === "arrow" && syntax.thisUse === "used") return "it uses this of the function around it";
  if (syntax.form === "arrow" && variables.includes("arguments")) return "it uses arguments of the function around it";
  if (isRoot && syntax.form === "class") return "it is a class, which cannot be called without new";
  if (isRoot && syntax.thisUse === "used") return "it uses this, and a call has none. To call a method, pass (...args) => object.method(...args)";
  return undefined;
}
