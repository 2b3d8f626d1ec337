// The await budget: the number of awaits in one step of a task that may find their result ready before the
// loop turns. Without a budget, as in asyncio, a task whose queue is always filled never yields. tokio's
// tasks yield after 128 operations.
//
//   scheduler: a handle begins ─▶ refill        future/, sync/: ready at once ─▶ spent? ─▶ one pass of the loop

let left = Infinity;

/** For the scheduler: a handle begins. */
export function refillBudget(budget: number): void {
  left = budget;
}

/** For a result that is ready at once: spends one await. @returns whether the budget is spent, so the caller must yield first */
export function isBudgetSpent(): boolean {
  if (left === Infinity) return false;
  left -= 1;
  return left < 0;
}
