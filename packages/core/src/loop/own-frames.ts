// Stack frames of this package: they tell users nothing about their own code.

/** The folder of this package. */
const here = new URL("..", import.meta.url).href;

/** The frames of `stack`, innermost first, without those of this package. */
export function framesOfUsers(stack: string): string[] {
  return stack.split("\n").slice(1).map((line) => line.trim()).filter((line) => !line.includes(here));
}
