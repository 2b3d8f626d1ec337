// Node's own options and environment variables for workers. Two kinds of options are only for this process. With the
// program text of `-e`, each worker would run the program again. With `--inspect-brk`, each worker would wait for a
// debugger.
import { WORKER_VARIABLE } from "../protocol/worker-variable.js";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The program text follows as the next argument, or behind a `=`. */
const TEXT = /^(-e|-p|-pe|--eval|--print)$/;

/** Options that choose what Node runs, or are valid only with a program text. */
const CHOOSES_PROGRAM = /^(-i|-c|--interactive|--check|--test|--watch|--(eval|print|input-type)=.*)$/s;

const INSPECTS = /^--inspect(-brk|-wait|-brk-node)?(=.*)?$/;

/** ts-node's own command adds itself and its options at the end. They are no options of Node. See type-loader.ts. */
const TS_NODE_COMMAND = /[\\/]ts-node[\\/]dist[\\/]bin/;

/** One option of `NODE_OPTIONS`. Quotes may enclose spaces. */
const NODE_OPTION = /(?:[^\s"]|"(?:\\.|[^"\\])*")+/g;

/**
 * The options of a worker.
 * @param given the `execArgv` of the pool or actor. It keeps an inspector option that this process does not have itself.
 */
export function workerExecArgv(given: readonly string[] = process.execArgv): string[] {
  const own = new Set([...process.execArgv, ...(process.env.NODE_OPTIONS?.match(NODE_OPTION) ?? [])]);
  const kept: string[] = [];
  for (let index = 0; index < given.length; index += 1) {
    const option = given[index]!;
    const name = option.replaceAll("_", "-");
    if (TS_NODE_COMMAND.test(option)) break;
    if (TEXT.test(name)) {
      // Without a text, Node reads the program from its standard input.
      if (given[index + 1]?.startsWith("-") === false) index += 1;
    } else if (name === "--input-type") index += 1;
    else if (!CHOOSES_PROGRAM.test(name) && !(INSPECTS.test(name) && own.has(option))) kept.push(option);
  }
  return kept;
}

/**
 * The environment of a worker, without the inspector options of this process.
 * @param given the `env` of the pool or actor
 * @returns `undefined`: the environment of this process as it is
 */
export function workerEnv(given: Environment | undefined): Environment | undefined {
  const options = process.env.NODE_OPTIONS;
  const env = given ?? process.env;
  if (options === undefined || env["NODE_OPTIONS"] !== options) return given;
  const kept = options.replaceAll(NODE_OPTION, (option) => (INSPECTS.test(option.replaceAll('"', "").replaceAll("_", "-")) ? "" : option));
  return kept === options ? given : { ...env, NODE_OPTIONS: kept };
}

/** As `workerEnv`, for a child process. */
export function processEnv(given: Environment | undefined): Environment {
  return { ...(workerEnv(given) ?? process.env), [WORKER_VARIABLE]: "1" };
}
