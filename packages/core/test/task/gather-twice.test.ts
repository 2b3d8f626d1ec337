// A child that gather() was given twice is cancelled once. Each level of such calls doubled the number of cancellations.
import { createTask, Future, gather } from "@offloop/core";
import { expect, it } from "vitest";

it("cancels a child that is listed twice once, at any depth", async () => {
  const inner = new Future<number>();
  let all = gather([inner, inner]) as Future<unknown>;
  for (let level = 0; level < 200; level += 1) all = gather([all, all]) as Future<unknown>;
  const waiting = createTask(() => all);
  await createTask(() => {});
  expect(waiting.cancel("enough")).toBe(true);
  await expect(waiting).rejects.toMatchObject({ name: "CancelledError", cause: "enough" });
  expect(inner.cancelled()).toBe(true);
});
