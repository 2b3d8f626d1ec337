// The mistake, the watchdog's report during it, and the fix.
import { createTask, run, sleep, type Stall, startWatchdog, toThread } from "offloop";
import { hashPassword } from "./hash-password.js";
import { longestWaitBeside } from "./longest-wait.js";

const password = ["correct horse", "battery staple"] as const;
/** Milliseconds after a stall in which the watchdog delivers it: the loop has to turn, and the heartbeat to return. */
const settlingMs = 100;
const stalls: Stall[] = [];
const watchdog = startWatchdog({ repeatAfterMs: 0, onStall: (stall) => stalls.push(stall) });
await watchdog.ready();

const [mistakeMs, fixedMs] = await run(async () => {
  console.log("The mistake: a task calls hashPassword() itself. It looks asynchronous, and is not.");
  const mistake = await untilNamed(() => longestWaitBeside(() => createTask(async () => hashPassword(...password), { name: "sign-up" })));

  console.log("\nThe fix: the task awaits toThread(hashPassword, …).");
  const fixed: number[] = [];
  for (let time = 0; time < 3; time++) {
    fixed.push(await longestWaitBeside(() => createTask(() => toThread(hashPassword, ...password), { name: "sign-up" })));
  }
  return [mistake, Math.min(...fixed)];
}, { debug: true });
await watchdog.stop();

console.log(
  `\nA neighbouring task that is due every 10 ms waited ${Math.round(mistakeMs)} ms for the mistake, ` +
    `and ${Math.round(fixedMs)} ms for the fix (the best of three: other programs get in the way, too).`,
);
if (!named() || fixedMs >= mistakeMs) {
  console.error(named() ? "The fix did not help." : "The watchdog did not name the place.");
  process.exitCode = 1;
}

/** Repeats the mistake until the watchdog names its place. On a busy machine the report may be `starved` instead. */
async function untilNamed(mistake: () => Promise<number>): Promise<number> {
  let waitMs = 0;
  for (let time = 0; time < 5 && !named(); time++) {
    waitMs = await mistake();
    await sleep(settlingMs);
  }
  return waitMs;
}

function named(): boolean {
  return stalls.some(({ place }) => place?.file.endsWith("hash-password.ts"));
}
