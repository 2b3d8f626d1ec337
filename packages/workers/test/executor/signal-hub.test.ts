// The listener that the calls of one signal share: an error in what one of them does is reported, and the others are told.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("tells every call of a signal, though what one of them does throws", () => {
  const program = `
    const { onAbort } = await import(${JSON.stringify(import.meta.resolve("#workers/executor/signal-hub.js"))});
    process.on("uncaughtException", ({ message }) => console.log(message));
    const abort = new AbortController();
    for (const name of ["first", "second", "third"]) {
      onAbort(abort.signal, () => {
        console.log(name);
        if (name === "first") throw new Error("of the first");
      });
    }
    abort.abort();`;
  const lines = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8", timeout: 20_000 }).trim().split("\n");
  expect(lines.toSorted()).toEqual(["first", "of the first", "second", "third"]);
});
