/// <reference types="node" preserve="true" />
// `offloop <command>`.
import { WatchdogOptionError } from "../errors.js";
import { attach } from "./attach.js";
import { dump } from "./dump.js";
import { top } from "./top.js";
import { UsageError, USAGE } from "./usage.js";
import { watch } from "./watch.js";

/**
 * Runs the command line. Sets `process.exitCode` to 2, and prints the usage, when it cannot be read.
 *
 * @param args the arguments after the name of the command, as in `process.argv.slice(2)`
 * @param version of the package that has the command, for `--version`
 */
export function main(args: readonly string[], version: string): void {
  const [command, ...rest] = args;
  try {
    if (command === "watch") watch(rest);
    else if (command === "dump") dump(rest);
    else if (command === "attach") attach(rest);
    else if (command === "top") top(rest);
    else if (command === "--version" || command === "-v" || command === "version") process.stdout.write(`${version}\n`);
    else if (command === undefined || command === "help" || command === "--help" || command === "-h") process.stdout.write(USAGE);
    else throw new UsageError(`There is no command ${JSON.stringify(command)}. The commands are watch, dump, attach and top.`);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof WatchdogOptionError)) throw error;
    process.stderr.write(`offloop: ${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
}
