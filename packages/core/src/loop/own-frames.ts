// Stack frames of this package: they tell users nothing about their own code.

/** The folder of this package; computed with the first stack, because `import.meta` loads a module of Node's. */
let here: string | undefined;

/** The frames of `stack`, innermost first, without those of this package. */
export function framesOfUsers(stack: string): string[] {
  const own = (here ??= new URL("..", import.meta.url).href);
  return stack.split("\n").slice(1).map((line) => line.trim()).filter((line) => !line.includes(own));
}
