// Sums the test runner's JSON reports: `node sum.mjs <folder> [failed step…]`. The last line that it prints
// is `N passed, N failed`. Ends with 1 when anything failed or when no test ran. A test that did not run has failed, unless
// its title says "from Node <version> on" and this Node is older.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder = "", ...failedSteps] = process.argv.slice(2);
const testStep = "tests on Node ";
let passed = 0;
let failed = 0;

for (const file of readdirSync(folder).filter((name) => /^tests-v.*\.json$/.test(name))) {
  const { version, report } = read(file);
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  const notRun = report.testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status !== "passed" && status !== "failed");
  console.log(`   Node ${version}: ${report.numPassedTests} passed, ${report.numFailedTests} failed${notRun.length > 0 ? `, ${notRun.length} not run` : ""}`);
  for (const { fullName } of notRun) {
    if (isForLaterNodes(fullName, version)) continue;
    console.log(`   not run: ${fullName}`);
    failed += 1;
  }
}

// Failing tests are in the reports. Any other failing step counts as one failure.
for (const step of failedSteps) {
  console.log(`   failed: ${step}`);
  if (!hasFailingTests(step)) failed += 1;
}

if (passed + failed === 0) console.log("   no test ran");
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);

function hasFailingTests(step) {
  const file = `tests-${step.slice(testStep.length)}.json`;
  return step.startsWith(testStep) && existsSync(join(folder, file)) && read(file).report.numFailedTests > 0;
}

function isForLaterNodes(title, version) {
  const [, first] = /from Node (\d+(?:\.\d+)?) on/.exec(title) ?? [];
  return first !== undefined && version.slice(1).localeCompare(first, "en", { numeric: true }) < 0;
}

function read(file) {
  return { version: file.slice("tests-".length, -".json".length), report: JSON.parse(readFileSync(join(folder, file), "utf8")) };
}
