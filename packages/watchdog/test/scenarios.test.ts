import { afterAll, beforeAll, expect, it } from "vitest";
import { prepareScenarios, runScenario, type Outcome, type Scenario } from "./scenarios.js";

/** Two programs at a time: more would take the CPU from each other. */
const lanes = 2;

/** The number of runs of a program that was starved, because such a run shows nothing. */
const mostRuns = 3;

/** Attributions that the docs list as not possible, each with its reason there. */
const knownMisses = new Set([
  // Native code without a mark and without later JavaScript, which no stack can show.
  "esm/bigint-string.mjs",
  "esm/typed-array-sort.mjs",
  // One long garbage collection, during which no frame of the program is on the stack.
  "esm/long-collection.mjs",
]);

let outcomes: Outcome[];
let prepared: ReturnType<typeof prepareScenarios>;

beforeAll(async () => {
  prepared = prepareScenarios();
  const waiting = [...prepared.scenarios];
  outcomes = [];
  const lane = async () => {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) outcomes.push(await runFairly(scenario));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  // A program that failed beside others runs again alone, because the machine may have been busy.
  for (const [index, outcome] of outcomes.entries()) if (failed(outcome)) outcomes[index] = await runFairly(outcome.scenario);
}, 300_000);

afterAll(() => prepared.done());

async function runFairly(scenario: Scenario): Promise<Outcome> {
  let outcome = await runScenario(scenario);
  for (let run = 1; run < mostRuns && failed(outcome); run++) outcome = await runScenario(scenario);
  return outcome;
}

function failed({ scenario, detected, attributed, falseReports }: Outcome): boolean {
  return scenario.quiet ? falseReports.length > 0 : !detected || falseReports.length > 0 || (!attributed && !knownMisses.has(scenario.name));
}

it("runs at least forty programs that stall and ten that must not be reported, without an error", () => {
  const quiet = outcomes.filter(({ scenario }) => scenario.quiet);
  expect(quiet.length).toBeGreaterThanOrEqual(10);
  expect(outcomes.length - quiet.length).toBeGreaterThanOrEqual(40);
  expect(outcomes.filter(({ stderr }) => stderr.includes("ended with")).map(nameWith)).toEqual([]);
});

it("detects every stall", () => {
  expect(outcomes.filter(({ scenario, detected }) => !scenario.quiet && !detected).map(nameWith)).toEqual([]);
});

it("names file, line, function and kind of every stall except those that the docs list", () => {
  const missed = outcomes.filter(({ scenario, attributed }) => !scenario.quiet && !attributed && !knownMisses.has(scenario.name));
  expect(missed.map(nameWith)).toEqual([]);
});

it("never names a wrong place, and reports nothing in a program without stalls", () => {
  expect(outcomes.filter(({ falseReports }) => falseReports.length > 0).map(nameWith)).toEqual([]);
});

function nameWith({ scenario, stalls, stderr }: Outcome): string {
  const said = stalls.map(({ kind, durationMs, place }) => `${kind} ${durationMs} ms ${place ? `${place.file}:${place.line} ${place.function}` : "nowhere"}`);
  return [scenario.name, ...said, stderr.trim()].join("; ");
}
