// Runs the code of docs/actors.md: each block of the page is in this file or in its fixture, word for word.
import { readFileSync } from "node:fs";
import { proxy, spawnActor, withSignal } from "@offloop/workers";
import { expect, it } from "vitest";
import { Ledger } from "../fixtures/ledger.mjs";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const squeeze = (text: string): string => text.replace(/\s+/g, " ").trim();

it("runs as the page says", async () => {
  await using ledger = await spawnActor(Ledger);
  await ledger.add("opened");
  const size = await ledger.size; // 1
  expect(size).toBe(1);

  const text = await ledger.digest(proxy((done) => console.log(`${done} done`)));
  expect(text).toBe("OPENED");

  const seen: string[] = [];
  for await (const line of ledger.lines()) seen.push(line);
  using cursor = await ledger.cursor();
  const first = await cursor.next();
  expect([seen, first]).toEqual([["opened"], "opened"]);

  const digest = withSignal(ledger, AbortSignal.timeout(60_000)).digest(proxy(() => {}));
  expect(await digest).toBe("OPENED");
});

it("starts in a process, and again after a crash, as the page says", async () => {
  const spawn = spawnActor.with({ kind: "process", restart: "on-crash" });
  await using ledger = await spawn<typeof import("../fixtures/actor-database.js")>(new URL("../fixtures/actor-module.mjs", import.meta.url));
  expect(await ledger.version).toBe("1.0");
});

it("is what the page shows", () => {
  const here = squeeze(read("docs.test.ts") + read("../fixtures/ledger.mjs"));
  const blocks = [...read("../../../../docs/actors.md").matchAll(/```[jt]s\n([^]*?)```/g)].map(([, code = ""]) => code);
  expect(blocks.length).toBeGreaterThan(3);
  for (const block of blocks) expect(here).toContain(squeeze(block));
});
