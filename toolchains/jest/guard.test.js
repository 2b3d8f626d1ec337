// One test within its budget, one beyond it, and one that says that it means to.
import { allowBlocking, failOnStall } from "offloop/jest";
import { compute, holdLoop } from "./work.js";

failOnStall({ budgetMs: 100 });

test("light", () => expect(holdLoop(1)).toBeUndefined());
test("heavy", () => expect(compute(1_000)).toBeUndefined());
test("meant", () => expect(allowBlocking(() => holdLoop(400), "the test says so")).toBeUndefined());
