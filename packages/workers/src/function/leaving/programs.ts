// Identifies programs by their shape: functions of the same code, with the same captured functions and links
// in the same places, are one program. A worker receives it once, however many closures there are.
import type { Captures, FunctionProgram } from "../../protocol/function-payload.js";
import type { Closure } from "./closure.js";
import type { Discovery } from "./discover.js";
import { loaderMaps } from "./loader-maps.js";
import { functionName } from "../../executor/text-of.js";

const MAX_PROGRAMS = 5_000;
const programs = new Map<string, FunctionProgram>();
let lastProgram = 0;
/** Several threads and processes may call back to one thread, so the keys of their programs must differ. */
const maker = (): string => `program ${process.pid}.${process.getBuiltinModule("node:worker_threads").threadId}.${performance.timeOrigin}`;

/** The program of a discovery. Its first closure is the function to call. */
export function internProgram({ closures, links, cells }: Discovery, captures: Captures): FunctionProgram {
  const constant = isConstant(captures) && closures.every(keepsItsVariables);
  const shape = [
    closures.map(({ site }) => site.id).join(),
    links.length === 0 ? "" : JSON.stringify(links),
    cells.map(({ name, users }) => `${name}:${users.join(".")}`).join(),
    constant ? captures.patches.map(([container, key, target]) => `${captures.variables.indexOf(container as unknown[])}.${key}=${target}`).join() : "each call",
  ].join("|");
  let program = programs.get(shape);
  if (!program) {
    program = {
      kind: "value",
      key: `${maker()}.${++lastProgram}`,
      name: (closures[0] && functionName(closures[0].fn)) || "(anonymous)",
      functions: closures.map(({ site }) => site.code),
      links,
      cells,
      captures: constant ? captures : "each call",
    };
    const maps = loaderMaps(program.functions);
    if (maps !== undefined) program = { ...program, maps };
    if (programs.size >= MAX_PROGRAMS) programs.delete(programs.keys().next().value as string);
    programs.set(shape, program);
  }
  return program;
}

/** Whether a call leaves the variables as the next call should find them. Helpers that replace themselves do. */
function keepsItsVariables({ fn, site, values }: Closure): boolean {
  return site.variables.every((name, index) => !site.syntax.free.get(name)?.written || values[index] === fn);
}

/** Whether the functions capture only functions and links, so that the shape is complete. */
function isConstant({ variables, patches, instances, remade, collections, properties, heirs }: Captures): boolean {
  const slots = variables.reduce((count, each) => count + each.length, 0);
  return slots === patches.length && instances.length + remade.length + collections.length + properties.length + heirs.length === 0;
}
