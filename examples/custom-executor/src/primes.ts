// The functions that workers run. A worker loads this module by its name.
import { taskContext } from "@offloop/workers";

/** The number of primes from `from` up to, but not including, `to`. */
export function countPrimes([from, to]: readonly [number, number]): number {
  const context = taskContext();
  let count = 0;
  for (let candidate = Math.max(2, from); candidate < to; candidate += 1) {
    context.throwIfCancelled();
    if (isPrime(candidate)) count += 1;
  }
  return count;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) return false;
  return true;
}

/** Ends its worker. */
export const crash = (): never => process.exit(7);

/** Reports that it has begun, and never ends. */
export function endless(): never {
  taskContext().progress("begun");
  for (;;);
}

export const processId = (): number => process.pid;
