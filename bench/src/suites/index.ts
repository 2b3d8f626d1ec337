// All suites, in the order in which they run.
import { type ContenderKey, threadPools } from "../peers/index.js";
import { suite as actors } from "./actors.js";
import { suite as cancel } from "./cancel.js";
import { suite as clientGone } from "./client-gone.js";
import { countsSuite } from "./counts.js";
import { suite as cpuBound } from "./cpu-bound.js";
import { suite as first } from "./first.js";
import { suite as headOfLine } from "./head-of-line.js";
import { itemsSuite, mapSuite } from "./items.js";
import { suite as loop } from "./loop.js";
import { payloadSuites } from "./payloads.js";
import { suite as remote } from "./remote.js";
import { roundTripSuite } from "./round-trip.js";
import { scaleSuites } from "./scale.js";
import { serverSuites } from "./server.js";
import { suite as startUp } from "./start-up.js";
import type { Suite } from "./suite.js";
import { throughputSuite } from "./throughput.js";

const threads: readonly ContenderKey[] = [...threadPools, "raw", "raw-batched", "shared-memory"];
/** multithreading needs it to load. Node has it since version 21. */
const hasNavigator = "navigator" in globalThis;
/** The contenders for many no-op calls. They include contenders that can do nothing else, and piscina with its options for this load. */
const throughput: readonly ContenderKey[] = [...threads, "piscina-concurrent", ...(hasNavigator ? (["multithreading"] as const) : [])];
const quickThreads: readonly ContenderKey[] = ["offloop", "piscina", "tinypool", "workerpool", "raw"];
const processes: readonly ContenderKey[] = ["offloop-processes", "tinypool-processes", "workerpool-processes", "jest-worker-processes", "raw-fork", "raw-fork-json"];

export const suites: readonly Suite[] = [
  roundTripSuite("round-trip", "No-op round trip", threads, quickThreads),
  ...[16, 256, 4_096].map((outstanding) => throughputSuite("throughput", "", outstanding, outstanding > 256 ? throughput.filter((key) => key !== "threads") : throughput, outstanding === 256 ? quickThreads : undefined)),
  countsSuite(1),
  countsSuite(256),
  itemsSuite,
  mapSuite,
  cpuBound,
  headOfLine,
  ...payloadSuites,
  cancel,
  clientGone,
  roundTripSuite("processes-round-trip", "No-op round trip to a process", processes),
  throughputSuite("processes-throughput", " in processes", 256, processes),
  actors,
  remote,
  ...serverSuites,
  startUp,
  first,
  ...scaleSuites,
  loop,
];

/** @throws Error no suite has this id */
export function suiteNamed(id: string): Suite {
  const suite = suites.find((each) => each.id === id);
  if (suite === undefined) throw new Error(`There is no suite ${id}: give one of ${suites.map((each) => each.id).join(", ")}.`);
  return suite;
}
