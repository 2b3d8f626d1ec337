/// <reference types="node" preserve="true" />
// `offloop <command>`.
import { WatchdogOptionError } from "../errors.js";
import { attach } from "./attach.js";
import { dump } from "./dump.js";
import { top } from "./top.js";
import { UsageError, USAGES, usageOf } from "./usage.js";
import { scriptIndex, watch } from "./watch.js";

const commands: Readonly<Record<string, (args: readonly string[]) => void>> = { watch, dump, attach, top };

const HELP = ["--help", "-h"];
const VERSION = ["--version", "-v"];

/**
 * Runs the command line. Sets `process.exitCode` to 2, and prints the usage of the command, when it cannot be read.
 *
 * @param args the arguments after the name of the command, as in `process.argv.slice(2)`
 * @param version of the package that has the command, for `--version`
 * @param others commands that the caller runs itself: a sentence for each, for `--help`
 */
export function main(args: readonly string[], version: string, others: Readonly<Record<string, string>> = {}): void {
  const [name = "help", ...rest] = args;
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  // No value of an option is one of these: parseArgs refuses values that begin with a dash.
  const own = run === undefined ? [name] : rest.slice(0, run === watch ? scriptIndex(rest) : undefined);
  const usage = (): string => (run === undefined ? usageOf(others) : USAGES[name]!);
  try {
    if (own.some((arg) => VERSION.includes(arg)) || name === "version") process.stdout.write(`${version}\n`);
    else if (own.some((arg) => HELP.includes(arg)) || name === "help") process.stdout.write(usage());
    else if (run !== undefined) run(rest);
    else {
      const names = [...Object.keys(commands), ...Object.keys(others)];
      throw new UsageError(`There is no command ${JSON.stringify(name)}. The commands are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`);
    }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof WatchdogOptionError)) throw error;
    process.stderr.write(`offloop: ${error.message}\n\n${usage()}`);
    process.exitCode = 2;
  }
}
