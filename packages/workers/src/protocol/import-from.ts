// import() relative to another script: it resolves the same files and packages as import() in that script. Node offers
// this to code that node:vm compiles under the script's URL.
import { fileURLToPath } from "node:url";
import { otherRuntime } from "../executor/runtime.js";
import { compileFunction, type CompileFunctionOptions, constants } from "node:vm";

type Import = (specifier: string, options?: ImportCallOptions) => Promise<unknown>;

const imports = new Map<string, Import>();
let quiet = false;

/** `import()` of the script at `url`. */
export function importFrom(url: string): Import {
  let found = imports.get(url);
  if (!found) imports.set(url, (found = compileWithImport("return (specifier, options) => import(specifier, options)", [], { filename: otherRuntime === "Bun" && url.startsWith("file:") ? fileURLToPath(url) : url })() as Import));
  return found;
}

/** `compileFunction`, with a working `import()`. */
export function compileWithImport(code: string, parameters: string[], options: CompileFunctionOptions): (...args: unknown[]) => unknown {
  if (!quiet) warnOfNothing();
  return compile(code, parameters, options);
}

function compile(code: string, parameters: string[], options: CompileFunctionOptions): (...args: unknown[]) => unknown {
  return compileFunction(code, parameters, { ...options, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }) as (...args: unknown[]) => unknown;
}

/**
 * At the first such import of a thread, Node warns that the option is experimental. The user did not set the option
 * and cannot change it. So this function makes the first import, and suppresses the warning.
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
