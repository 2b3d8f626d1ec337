// failOnStall under vitest, guarding this file; the failing case is tested on the guard itself.
import { describe, expect, it } from "vitest";
import { allowBlocking, failOnStall, LoopHeldError } from "@offloop/watchdog/vitest";
import { LoopGuard } from "#watchdog/guard.js";
import { spin } from "./fixtures/programs/spin.mjs";

describe("failOnStall", () => {
  failOnStall({ budgetMs: 150 });

  it("passes a test within its budget", () => {
    expect(spin(1)).toBeUndefined();
  });

  it("passes a test that declares its blocking with allowBlocking", () => {
    expect(allowBlocking(() => spin(300), "the test says so")).toBeUndefined();
  });
});

it("throws with the place of the longest stall, and starts the next test without it", async () => {
  const guard = new LoopGuard({ budgetMs: 100 });
  try {
    await guard.begin();
    spin(300);
    const error: unknown = await guard.end().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LoopHeldError);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_LOOP_HELD", message: expect.stringContaining("spin") });
    await guard.begin();
    await guard.end();
  } finally {
    await guard.stop();
  }
});
