// Decides which functions this side runs for a worker that may be hostile: a process, whose messages a task can forge.
//
//   by name   an export of a module that the worker was given (given-modules.ts), or a harmless global
//   as code   the code of a function that stands in code that was sent, or in a given module (known-code.ts)
//
// Captured values are data of the worker. The functions and modules among them follow the same rules.
import { isBuiltin } from "node:module";
import { FunctionTravelError } from "../../executor/errors.js";
import type { Captures, FunctionCode, FunctionPayload, FunctionProgram, FunctionReference, Link } from "../../protocol/function-payload.js";
import { PARENT_NAME } from "../leaving/source/function-syntax.js";
import { declaresLink, GivenModules } from "./given-modules.js";
import { knownCode } from "./known-code.js";
import { leadsToPlatform } from "./platform-path.js";

/** Globals that compute, print or measure. */
const HARMLESS = /^(?:(?:Math|JSON|Intl|Atomics|console|performance)(?:\.[\w$]+)?|structuredClone|(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask)$/;

/** Each program that is admitted gets a key of its own, so that no other one is found in its place. */
let lastProgram = 0;

/** A request that may be served. */
export interface Admitted {
  /** The payload as this side resolves it. */
  readonly payload: FunctionPayload;
  /** Refuses the captured values of one call. @throws FunctionTravelError */
  check(captures: Captures): void;
}

/**
 * @param payloads the functions that the worker was sent
 * @param modules the modules of its pool's `setup` and `teardown`
 * @throws FunctionTravelError the worker was given no such function. WorkerStartError a large module cannot be searched
 */
export async function admit(payload: FunctionPayload, payloads: Iterable<FunctionPayload>, modules: readonly string[]): Promise<Admitted> {
  const given = new GivenModules(payloads, modules);
  if (payload.kind === "value") return admitProgram(payload, given);
  if (isGivenExport(payload, given)) return { payload, check: () => {} };
  throw refused(payload.name, `it is ${payload.export || "the export"} of ${payload.module}`);
}

function isGivenExport({ module, from, export: path, loader }: FunctionReference, given: GivenModules): boolean {
  if (leadsToPlatform(path)) return false;
  if (loader === "global") return HARMLESS.test(path);
  if (isBuiltin(module)) return false;
  return from === undefined ? given.has(module) : given.imports(module, from);
}

async function admitProgram(program: FunctionProgram, given: GivenModules): Promise<Admitted> {
  const functions: FunctionCode[] = [];
  for (const code of program.functions) {
    const known = await knownCode(code, given);
    if (known === undefined) throw refused(program.name, `its code stands in no module that the worker was given (${code.url || "code that was created at run time"})`);
    functions.push(known);
  }
  const uses = program.links.map((link) => usesOf(link, functions, given));
  const check = ({ variables, patches }: Captures): void => {
    for (const [container, key, target] of patches) {
      const use = uses[target - functions.length];
      if (use !== undefined && use !== "any" && !use.has(`${variables.indexOf(container as unknown[])}.${key}`)) throw refused(program.name, `it captures ${nameOfLink(program.links[target - functions.length]!)}`);
    }
  };
  if (program.captures !== "each call") check(program.captures);
  return { payload: { ...program, functions, key: `admitted ${++lastProgram}` }, check };
}

/**
 * The variables that may hold a link. What the worker may request by name, every variable may hold. What a module imports
 * besides, such as a builtin, only the variable of that import may hold.
 */
function usesOf(link: Link, functions: readonly FunctionCode[], given: GivenModules): "any" | ReadonlySet<string> {
  if (link.kind === "symbol" || (link.kind === "reference" && isGivenExport(link, given))) return "any";
  if (link.kind === "import" && given.imports(link.specifier, link.from)) return "any";
  if (link.kind === "require") return new Set(functions.flatMap(({ url, variables }, index) => (url === link.from ? [`${index}.${variables.indexOf("require")}`] : [])));
  return new Set(functions.flatMap(({ url, variables }, index) => variables.flatMap((name, position) => (declaresLink(url, name === PARENT_NAME ? undefined : name, link) ? [`${index}.${position}`] : []))));
}

function nameOfLink(link: Link): string {
  return link.kind === "reference" ? `${link.export || "the exports"} of ${link.module}` : link.kind === "import" ? `${link.name} of ${link.specifier}` : link.kind;
}

function refused(name: string, reason: string): FunctionTravelError {
  return new FunctionTravelError(
    `${name} was not run for the worker, because the worker was not given it: ${reason}. A process may request exports of the modules that its calls name, of modules that these import by a literal specifier, and functions written in them. ` +
      "Import the function in the module of the call, or pass an arrow function that calls it.",
  );
}
