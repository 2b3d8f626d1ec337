// The mistake, what the watchdog says while it happens, and the fix.
import { createTask, run, startWatchdog, toThread, type Stall } from "@offloop/core";
import { hashPassword } from "./hash-password.js";
import { longestWaitBeside } from "./longest-wait.js";

const password = ["correct horse", "battery staple"] as const;
const stalls: Stall[] = [];
const watchdog = startWatchdog({ thresholdMs: 50, onStall: (stall) => stalls.push(stall) });
await watchdog.ready();

const [mistakeMs, fixedMs] = await run(async () => {
  console.log("The mistake: a task calls hashPassword() itself. It looks asynchronous, and is not.");
  const mistake = await longestWaitBeside(() => createTask(async () => hashPassword(...password), { name: "sign-up" }));

  console.log("\nThe fix: the task awaits toThread(hashPassword, …).");
  const fixed: number[] = [];
  for (let time = 0; time < 3; time++) {
    fixed.push(await longestWaitBeside(() => createTask(() => toThread(hashPassword, ...password), { name: "sign-up" })));
  }
  return [mistake, Math.min(...fixed)];
});
await watchdog.stop();

console.log(
  `\nA neighbouring task that is due every 10 ms waited ${Math.round(mistakeMs)} ms for the mistake, ` +
    `and ${Math.round(fixedMs)} ms for the fix (the best of three: other programs get in the way, too).`,
);
const named = stalls.some(({ place }) => place?.file.includes("blocking-mistake"));
if (!named || fixedMs >= mistakeMs) {
  console.error(named ? "The fix did not help." : "The watchdog did not name the place.");
  process.exitCode = 1;
}
