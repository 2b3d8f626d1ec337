// The process of one contender in one suite. It starts the pool, warms it up, and then measures a round for
// each request of the parent. Between rounds it is idle, while other contenders are measured.
//
//   interleave.ts ── IPC ──▶ child.ts ──▶ suites/*.ts ──▶ peers/*.ts
import { loadContender } from "../peers/index.js";
import { suiteNamed } from "../suites/index.js";
import type { ChildSetup, FromChild, ToChild } from "./protocol.js";

const setup = JSON.parse(process.argv[2]!) as ChildSetup;
const send = (message: FromChild): void => void process.send!(message);
const failed = (error: unknown): void => send({ type: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });

try {
  const contender = await loadContender(setup.contender);
  const measurement = await suiteNamed(setup.suite).open(contender, setup.effort, setup.contender);
  process.on("message", (message: ToChild) => {
    if (message === "close") void measurement.close().then(() => process.exit(0), failed);
    else measurement.round().then((sample) => send({ type: "sample", sample }), failed);
  });
  send({ type: "ready", name: contender.name });
} catch (error) {
  failed(error);
}
