// All suites, in the order in which they run.
import { suite as cpuBound } from "./cpu-bound.js";
import { suite as roundTrip } from "./round-trip.js";
import type { Suite } from "./suite.js";
import { throughputSuite } from "./throughput.js";

export const suites: readonly Suite[] = [roundTrip, throughputSuite(256), cpuBound];

/** @throws Error where there is no suite of that name */
export function suiteNamed(id: string): Suite {
  const suite = suites.find((each) => each.id === id);
  if (suite === undefined) throw new Error(`There is no suite ${id}; there are ${suites.map((each) => each.id).join(", ")}.`);
  return suite;
}
