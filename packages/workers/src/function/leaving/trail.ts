// The path to a captured value, from a variable of a closure, step by step. Kept as a chain, and turned into
// text only if a value is refused.
import type { Closure } from "./closure.js";
import { describePlace } from "./travel-error.js";

/** A step. The key of the first step is the name of the variable, or a description. */
export interface Trail {
  readonly closure: Closure;
  readonly up: Trail | undefined;
  readonly key: string | number;
  /** Whether the key is written unchanged, such as `.keys()`. */
  readonly literal?: boolean;
}

/** `state.inner[0] (declared at /app/main.js:3:7)`. */
export function describeTrail(trail: Trail): string {
  let path = "";
  let first = trail;
  for (let each: Trail | undefined = trail; each; each = each.up) {
    if (each.up) path = stepText(each) + path;
    first = each;
  }
  const { closure, key } = first;
  const declared = closure.site.declaration(String(key));
  const where = declared ? ` (declared at ${describePlace({ ...declared, url: closure.site.location.url })})` : "";
  return `${key}${path}${where}`;
}

function stepText({ key, literal }: Trail): string {
  if (typeof key === "number") return `[${key}]`;
  if (literal) return key;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
