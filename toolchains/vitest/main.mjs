// Runs the tests of this folder, and prints what they found. Of the guarded tests, "heavy" must fail, and no other.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { stdout, stderr } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--reporter=json"], { encoding: "utf8" });
if (!stdout.startsWith("{")) throw new Error(stdout + stderr);
const tests = JSON.parse(stdout).testResults.flatMap(({ message, assertionResults }) => (assertionResults.length > 0 ? assertionResults : [{ title: message, status: "failed", failureMessages: [message] }]));
const failed = tests.filter(({ status }) => status !== "passed");
if (failed.map(({ title }) => title).join() !== "heavy") throw new Error(stdout + stderr);
console.log(JSON.stringify({ ...JSON.parse(readFileSync("results.json", "utf8")), guard: failed[0].failureMessages.join() }));
