#!/usr/bin/env node
// `offloop <command>`: so far there is one, `watch`.
import { InvalidOptionError } from "@offloop/workers/executor";
import { UsageError, usage } from "./usage.js";
import { watch } from "./watch.js";

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === "watch") watch(rest);
  else if (command === undefined || command === "help" || command === "--help" || command === "-h") process.stdout.write(usage);
  else throw new UsageError(`There is no command ${JSON.stringify(command)}.`);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InvalidOptionError)) throw error;
  process.stderr.write(`offloop: ${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
