// One test within its budget, one beyond it, and one that says that it means to.
import { allowBlocking, failOnStall } from "offloop/vitest";
import { holdLoop } from "./work.js";

failOnStall({ budgetMs: 100 });

/** Holds the loop until it has had this much CPU time: on a busy machine, the guard does not count waits for a CPU. */
function compute(ms) {
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < ms * 1_000) holdLoop(20);
}

test("light", () => expect(holdLoop(1)).toBeUndefined());
test("heavy", () => expect(compute(1_000)).toBeUndefined());
test("meant", () => expect(allowBlocking(() => holdLoop(400), "the test says so")).toBeUndefined());
