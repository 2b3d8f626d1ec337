// Compares random programs under CPython's asyncio and under offloop. This test runs a small number. `pnpm
// conformance:fuzz` runs any number, and repeats a run from its printed seed.
import { expect, it, onTestFinished } from "vitest";
import { compare, describeDifference } from "./compare.mjs";
import { FEATURES } from "./features.mjs";
import { generate } from "./generate.mjs";
import { findPython } from "./python.mjs";
import { shrink } from "./shrink.mjs";
import { oracle, subject } from "./side.mjs";

type Op = { n: number; op: string; body?: Op[]; handler?: Op[]; final?: Op[] };

const seed = Number(process.env["OFFLOOP_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(process.env["OFFLOOP_FUZZ_COUNT"] ?? 500);
const python = findPython();

const everyOp = (ops: Op[]): Op[] => ops.flatMap((op) => [op, ...[op.body, op.handler, op.final].flatMap((block) => everyOp(block ?? []))]);

/** Without CPython, checks only that every program ends, and leaves the same trace each time: alone, and beside other mains. */
async function repeats(): Promise<void> {
  const programs = Array.from({ length: count }, (_, index) => generate(seed + index, FEATURES));
  const sides = [subject(), subject(process.execPath, true)];
  onTestFinished(() => sides.forEach((side) => side.close()));
  const [first, second] = await Promise.all(sides.map((side) => side.run(programs)));
  expect(first).toEqual(second);
}

async function agrees(mains: boolean): Promise<void> {
  const { compared, differences } = await compare({ python, node: process.execPath, mains, seed, count, features: FEATURES, mostDifferences: 1 });
  expect(differences.map(describeDifference).join("\n"), `OFFLOOP_FUZZ_SEED=${seed} runs these programs again`).toBe("");
  expect(compared).toBe(count);
}

if (python === undefined) it(`without CPython 3.13: random programs leave the same trace twice (seed ${seed})`, repeats, 120_000);
else {
  it(`random programs leave the same traces as under CPython 3.13 (${count} of seed ${seed})`, () => agrees(false), 120_000);
  it(`programs leave these traces also beside the tasks of two other mains (${count} of seed ${seed})`, () => agrees(true), 120_000);
}

it("a seed always gives the same program, and a few hundred programs have every kind of operation", () => {
  expect(generate(7, FEATURES)).toEqual(generate(7, FEATURES));
  const ops = new Set(Array.from({ length: 400 }, (_, each) => everyOp(generate(each, FEATURES).main as Op[])).flat().map(({ op }) => op));
  for (const each of ["spawn", "eager", "sleep", "cancel", "uncancel", "gather", "wait", "waitfor", "shield", "completed", "timeout", "resched", "group", "groupspawn", "hold", "eventwait", "conditionwait", "notify", "barrierwait", "put", "take", "join", "shutdown", "try", "raise", "return", "donecb", "soon", "later", "call", "calling", "leave", "takewithin", "putwithin", "eventwithin", "holdwithin", "handover"]) expect(ops, each).toContain(each);
});

it("shrinks a failing program to its smallest failing form", async () => {
  const fails = async (program: { main: Op[] }) => everyOp(program.main).filter(({ op }) => op === "cancel").length >= 2;
  let program = generate(1, FEATURES);
  for (let next = 2; !(await fails(program as { main: Op[] })); next += 1) program = generate(next, FEATURES);
  const smallest = everyOp((await shrink(program, fails as never)).main as Op[]);
  expect(smallest.map(({ op }) => op)).toEqual(["cancel", "cancel"]);
});

it("finds a difference of one line, and shows the program and the first line that differs", async () => {
  const program = { main: [{ n: 1, op: "log" }] };
  const side = subject();
  onTestFinished(() => side.close());
  const [actual] = (await side.run([program])) as [unknown[][]];
  expect(actual.map((line) => line.slice(1))).toEqual([["t0", "begin"], ["t0", 1, "log", null], ["t0", "return", null], ["end", "first", "t0", ["value", null]], ["end", "second", "t0", ["value", null]]]);
  const text = describeDifference({ seed: 1, program, expected: [actual[0], [0, "t0", 1, "log", "other"]], actual });
  expect(text).toContain('▶ [0,"t0",1,"log",null]');
  expect(text).toContain('▶ [0,"t0",1,"log","other"]');
});

it("names the missing program when a side cannot run", async () => {
  const side = oracle("no-such-python");
  await expect(side.run([{ main: [] }])).rejects.toThrow("no-such-python");
});
