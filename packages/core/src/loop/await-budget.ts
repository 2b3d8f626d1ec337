// The await budget: how many awaits that need not wait one step of a task may make before the loop has
// its turn. Without one, as in asyncio, a task that always finds its queue filled never yields; tokio
// has its tasks yield after 128 operations.
//
//   scheduler: a handle begins ─▶ refill        future/, sync/: ready at once ─▶ spent? ─▶ one pass of the loop

let left = Infinity;

/** For the scheduler: a handle begins. */
export function refillBudget(budget: number): void {
  left = budget;
}

/** For what is ready at once: takes one from the budget. @returns whether it is spent, and the caller is to yield first */
export function isBudgetSpent(): boolean {
  if (left === Infinity) return false;
  left -= 1;
  return left < 0;
}
