// Turns the code of a function into a maker of its closures. The maker takes the values of the captured
// variables, and returns the function and a way to assign the variables later, which functions that capture
// one another need. The code is compiled once. Stack traces show the script that the code came from.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { FunctionCode } from "../../protocol/function-payload.js";
import { compileWithImport } from "../../protocol/import-from.js";

type Fn = (...args: unknown[]) => unknown;

/** A function, and its variables. `assign` takes their values in the order of the code's `variables`. */
export interface MadeFunction {
  readonly fn: Fn;
  readonly assign: (values: readonly unknown[]) => void;
}

const VALUES_NAME = "__offloopValues";
const CELLS_NAME = "__offloopCells";

/** The maker of `code`'s closures. `cells`: the names of variables that it shares with other functions. */
export function compileCode(code: FunctionCode, cells: readonly string[]): (values: readonly unknown[], cells: object) => MadeFunction {
  const { variables, url, line, column, importMeta, usesImport, name } = code;
  const { prefix, text } = frame(code, cells);
  const parameters = [CELLS_NAME, ...(importMeta === undefined ? [] : [importMeta]), ...variables.map((each, index) => (cells.includes(each) ? `__offloopUnused${index}` : each))];
  const options = { filename: url, lineOffset: line, columnOffset: column - prefix.length };
  const factory = (usesImport ? compileWithImport(text, parameters, options) : compileFunction(text, parameters, options)) as (...args: unknown[]) => [Fn, MadeFunction["assign"]];
  const fixed = importMeta === undefined ? [] : [importMetaOf(url)];
  return (values, shared) => {
    const [fn, assign] = factory(shared, ...fixed, ...values);
    if (fn.name !== name) Object.defineProperty(fn, "name", { value: name, configurable: true });
    return { fn, assign };
  };
}

/** The code of a function body that returns the function and the way to assign its variables. */
function frame({ code, variables, strict }: FunctionCode, cells: readonly string[]): { prefix: string; text: string } {
  const own = variables.map((each) => (cells.includes(each) ? "" : each));
  const assign = variables.length === 0 ? "() => {}" : `(${VALUES_NAME}) => { [${own.join(", ")}] = ${VALUES_NAME}; }`;
  const directive = strict ? '"use strict"; ' : "";
  if (cells.length === 0) {
    const prefix = `${directive}return [`;
    return { prefix, text: `${prefix}${code}, ${assign}]` };
  }
  // `with` replaces variables by properties, so functions can share them. Strict code may not contain `with`,
  // but strict functions inside a `with` are allowed.
  const prefix = `with (${CELLS_NAME}) return (() => { ${directive}return [`;
  return { prefix, text: `${prefix}${code}, ${assign}]; })()` };
}

/** The `import.meta` of the script at `url`. */
function importMetaOf(url: string): object {
  const isFile = url.startsWith("file:");
  const resolve = (specifier: string): string => {
    if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, url).href;
    if (URL.canParse(specifier)) return specifier;
    const resolved = createRequire(url).resolve(specifier);
    return resolved.startsWith("/") || /^[a-z]:\\/i.test(resolved) ? pathToFileURL(resolved).href : `node:${resolved.replace(/^node:/, "")}`;
  };
  return { url, resolve, main: false, ...(isFile && { filename: fileURLToPath(url), dirname: fileURLToPath(new URL(".", url)).replace(/(?<=.)[\\/]$/, "") }) };
}
