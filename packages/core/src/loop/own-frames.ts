// Removes the stack frames of this package and of Node, which do not help users to find a place in their own code.
import { readStack } from "@offloop/workers/executor";

/** The folder of this package. It is computed with the first stack, because `import.meta` loads a module of Node. */
let here: string | undefined;

/** The stack frames of an error, or of an object with a stack, innermost first, without those of this package and of Node. */
export function framesOfUsers(traced: object): string[] {
  const own = (here ??= new URL("..", import.meta.url).href);
  return (readStack(traced) ?? "").split("\n").slice(1).map((line) => line.trim()).filter((line) => !line.includes(own) && !line.includes("(node:") && !line.startsWith("at node:"));
}
