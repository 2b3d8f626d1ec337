// What one side says while it goes on without a turn of its event loop: the other side hears it meanwhile.
import { writeFileSync } from "node:fs";
import { proxy } from "@offloop/workers";
import { expect, it } from "vitest";
import { Speaker, waitFor } from "../fixtures/speaks-in-time.mjs";
import { forEachKind } from "./spawn.js";

const MOST_MS = 20_000;

forEachKind(({ file, spawn }) => {
  it("hears each call of a callback while the method that makes it is running", async () => {
    const actor = await spawn({}, Speaker);
    const files = ["a", "bc", "def"].map(file);
    const written = proxy((length: number) => writeFileSync(files.find((each) => each.length === length) as string, ""));
    expect(await actor.tellsWhileBusy(written, files, MOST_MS)).toEqual([true, true, true]);
  });

  it("begins the first call of a turn while the caller goes on", async () => {
    const actor = await spawn({}, Speaker);
    for (const name of ["a", "b"].map(file)) {
      const call = actor.writes(name);
      expect(waitFor(name, MOST_MS)).toBe(true);
      await call;
    }
  });
});
