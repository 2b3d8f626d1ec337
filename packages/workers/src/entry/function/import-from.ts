// import() as a script elsewhere would do it: relative to that script, with the packages that it sees.
// Node offers this to code that node:vm compiled under the script's URL.
import { compileFunction, constants, type CompileFunctionOptions } from "node:vm";

type Import = (specifier: string, options?: ImportCallOptions) => Promise<unknown>;

const imports = new Map<string, Import>();

/** `import()` of the script at `url`. */
export function importFrom(url: string): Import {
  let found = imports.get(url);
  if (!found) imports.set(url, (found = compileWithImport("return (specifier, options) => import(specifier, options)", [], { filename: url })() as Import));
  return found;
}

/** `compileFunction`, with an `import()` that works. */
export function compileWithImport(code: string, parameters: string[], options: CompileFunctionOptions): (...args: unknown[]) => unknown {
  // Node warns that the option is experimental, once, to people who did not ask for it.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return compileFunction(code, parameters, { ...options, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }) as (...args: unknown[]) => unknown;
  } finally {
    process.emitWarning = emitWarning;
  }
}
