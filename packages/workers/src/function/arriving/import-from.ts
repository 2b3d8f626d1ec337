// import() as a script elsewhere would do it: relative to that script, with the packages that it sees.
// Node offers this to code that node:vm compiled under the script's URL.
import { compileFunction, type CompileFunctionOptions, constants } from "node:vm";

type Import = (specifier: string, options?: ImportCallOptions) => Promise<unknown>;

const imports = new Map<string, Import>();
let quiet = false;

/** `import()` of the script at `url`. */
export function importFrom(url: string): Import {
  let found = imports.get(url);
  if (!found) imports.set(url, (found = compileWithImport("return (specifier, options) => import(specifier, options)", [], { filename: url })() as Import));
  return found;
}

/** `compileFunction`, with an `import()` that works. */
export function compileWithImport(code: string, parameters: string[], options: CompileFunctionOptions): (...args: unknown[]) => unknown {
  if (!quiet) warnOfNothing();
  return compile(code, parameters, options);
}

function compile(code: string, parameters: string[], options: CompileFunctionOptions): (...args: unknown[]) => unknown {
  return compileFunction(code, parameters, { ...options, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }) as (...args: unknown[]) => unknown;
}

/**
 * Node warns at the first such import of a thread that the option is experimental, which the user
 * did not ask for and can do nothing about. So the first is one of ours, which nobody hears of.
 */
function warnOfNothing(): void {
  quiet = true;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    void compile('return import("node:vm")', [], { filename: import.meta.url })();
  } finally {
    process.emitWarning = emitWarning;
  }
}
