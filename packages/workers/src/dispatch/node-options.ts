// Node's own options and environment variables for workers. Three kinds of options are only for this process. With the
// program text of `-e`, each worker would run the program again. With `--inspect-brk`, each worker would wait for a
// debugger. Node refuses `--input-type` with an entry that is a file.
import { WORKER_VARIABLE } from "../protocol/worker-variable.js";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The program text follows as the next argument, or behind a `=`. */
const TEXT = /^(-e|-p|-pe|--eval|--print)$/;

/** Options that choose what Node runs, or are valid only with a program text. */
const CHOOSES_PROGRAM = /^(-i|-c|--interactive|--check|--test|--watch|--(eval|print|input-type)=.*)$/s;

const INPUT_TYPE = /^--input[-_]type(=|$)/;

const INSPECTS = /^--inspect(-brk|-wait|-brk-node)?(=.*)?$/;

/** No option of Node. */
const UNKNOWN_OPTION = "--offloop-unknown-option";

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
 * The options of a thread.
 * @param given the `execArgv` of the pool or actor
 * @returns `undefined`: the thread inherits the options of this process from Node
 */
export function threadExecArgv(given: readonly string[] | undefined): string[] | undefined {
  if (given !== undefined) return workerExecArgv(given);
  if (!process.execArgv.some((option) => INPUT_TYPE.test(option))) return undefined;
  const options: string[][] = [];
  for (const argument of workerExecArgv()) {
    if (argument.startsWith("-")) options.push([argument]);
    else options.at(-1)?.push(argument);
  }
  return options.filter(isForThreads).flat();
}

/** Whether a thread can have the option. Others, such as those of V8, hold for the whole process. */
function isForThreads(option: readonly string[]): boolean {
  try {
    // Node refuses the second option always, so no thread starts. The error names each option that Node refuses.
    new (process.getBuiltinModule("node:worker_threads").Worker)("", { eval: true, execArgv: [...option, UNKNOWN_OPTION] });
  } catch (error) {
    return (error as Error).message.endsWith(`: ${UNKNOWN_OPTION}`);
  }
  return false;
}

/**
 * The environment of a worker, without the inspector options of this process.
 * @param given the `env` of the pool or actor
 * @returns `undefined`: the environment of this process as it is
 */
export function workerEnv(given: Environment | undefined): Environment | undefined {
  const env = given ?? process.env;
  const options = env["NODE_OPTIONS"];
  if (options === undefined) return given;
  const isOwn = options === process.env.NODE_OPTIONS;
  let valueFollows = false;
  const kept = options.replaceAll(NODE_OPTION, (option) => {
    const name = option.replaceAll('"', "").replaceAll("_", "-");
    const isValue = valueFollows;
    valueFollows = name === "--input-type";
    return isValue || INPUT_TYPE.test(name) || (isOwn && INSPECTS.test(name)) ? "" : option;
  });
  return kept === options ? given : { ...env, NODE_OPTIONS: kept };
}

/** As `workerEnv`, for a child process. */
export function processEnv(given: Environment | undefined): Environment {
  return { ...(workerEnv(given) ?? process.env), [WORKER_VARIABLE]: "1" };
}
