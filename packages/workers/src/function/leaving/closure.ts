// A function as data: its code and the variables that it captures. The properties that all closures of one place in
// the source (the site) share are determined once. The values of variables are read for each call, unless no code
// assigns to them.
import { types } from "node:util";
import { WorkerStartError } from "../../executor/errors.js";
import type { FunctionCode } from "../../protocol/function-payload.js";
import type { FunctionLocation } from "./function-location.js";
import { readVariables, uninitialized } from "./inspector.js";
import { type FunctionSyntax, IMPORT_META_NAME, PARENT_NAME, readFunction } from "./source/function-syntax.js";
import { type Declaration, type FunctionPlace, placeInScript } from "./source/script.js";
import { refusal } from "./travel-error.js";
import { functionName } from "../../executor/text-of.js";

type Fn = (...args: never[]) => unknown;

/** The properties that all closures of one place in the source share. */
interface Site {
  readonly id: number;
  readonly location: FunctionLocation;
  readonly syntax: FunctionSyntax;
  /** The names of the variables that it captures; not globals. */
  readonly variables: readonly string[];
  readonly code: FunctionCode;
  declaration(name: string): Declaration | undefined;
}

/** A closure, and the values of its variables. */
export interface Closure {
  readonly fn: Fn;
  readonly site: Site;
  /** In the order of `site.variables`. */
  readonly values: readonly unknown[];
}

const MAX_SITES = 5_000;
const sites = new Map<string, Site>();
const stableClosures = new WeakMap<Fn, Closure>();
let lastSiteId = 0;

/** Whether the captured values of `fn` can never change, and have been read. */
export function isStable(fn: Fn): boolean {
  return stableClosures.has(fn);
}

/** Reads `fn`, defined at `location`, as a closure, with the current values of its variables, or those in `snapshot`. */
export function readClosure(fn: Fn, location: FunctionLocation, snapshot?: ReadonlyMap<string, unknown>): Closure {
  const known = stableClosures.get(fn);
  if (known) return known;
  const source = Function.prototype.toString.call(fn);
  const key = `${location.scriptId}:${location.line}:${location.column}:${source.length}`;
  let site = sites.get(key);
  let values: ReadonlyMap<string, unknown>;
  if (site) values = snapshot ?? (site.variables.every((name) => name === PARENT_NAME) ? new Map() : readVariables(fn, site.variables));
  else {
    const syntax = understand(fn, location, source);
    values = snapshot ?? readVariables(fn, syntax.free.keys());
    site = makeSite(fn, location, source, syntax, [...syntax.free.keys()].filter((name) => name === PARENT_NAME || values.has(name)));
    if (sites.size >= MAX_SITES) sites.delete(sites.keys().next().value as string);
    sites.set(key, site);
  }
  const closure: Closure = { fn, site, values: site.variables.map((name) => (name === PARENT_NAME ? Object.getPrototypeOf(fn) : values.get(name)) as unknown) };
  if (site.variables.every((name, index) => name === PARENT_NAME || isSettled(site.declaration(name), closure.values[index]))) stableClosures.set(fn, closure);
  return closure;
}

function understand(fn: Fn, location: FunctionLocation, source: string): FunctionSyntax {
  try {
    return readFunction(source, isStrict(fn, location, undefined));
  } catch (cause) {
    if (cause instanceof WorkerStartError) throw cause; // the parser could not be loaded
    throw refusal(fn, location, `its source cannot be parsed (${(cause as Error).message})`, undefined, cause);
  }
}

function makeSite(fn: Fn, location: FunctionLocation, source: string, syntax: FunctionSyntax, variables: string[]): Site {
  // A function that captures nothing needs no more, except the mode of a CommonJS script.
  const isPlain = syntax.free.size === 0 || (variables.length === 0 && syntax.form !== "class");
  const place = location.generated || (isPlain && location.inModule) ? undefined : placeInScript(location, source);
  const id = ++lastSiteId;
  const declarations = new Map([...syntax.free.keys()].map((name) => [name, place?.declaration(name)]));
  const unread = [...syntax.free.keys()].find((name) => !variables.includes(name) && declarations.get(name));
  if (unread !== undefined) {
    throw refusal(fn, location, `it uses the variable ${unread} only in a computed name of the class, and V8 does not keep the value of such a variable`);
  }
  return {
    id,
    location,
    syntax,
    variables,
    code: {
      name: functionName(fn),
      code: syntax.code,
      strict: isStrict(fn, location, place),
      isClass: syntax.form === "class",
      variables,
      eager: variables.flatMap((name, index) => (syntax.free.get(name)?.eager ? [index] : [])),
      url: location.url,
      line: place?.line ?? location.line,
      column: (place?.column ?? startColumn(location, source, syntax)) - syntax.shift,
      importMeta: syntax.usesImportMeta ? IMPORT_META_NAME : undefined,
      usesImport: syntax.usesImport,
    },
    declaration: (name) => declarations.get(name),
  };
}

/** V8 reports the position of the parameters. The text before them is usually on the same line. */
function startColumn({ column }: FunctionLocation, source: string, { form }: FunctionSyntax): number {
  const before = form === "class" ? "" : form === "arrow" ? (/^async\s*/.exec(source)?.[0] ?? "") : source.slice(0, source.indexOf("("));
  return Math.max(0, column - before.length);
}

/** Whether a variable will hold `value` for ever. An undefined value may mean that its declaration has not been reached. */
function isSettled(declaration: Declaration | undefined, value: unknown): boolean {
  if (!declaration || declaration.assigned || value === undefined || value === uninitialized) return false;
  // An import is a view of a variable that its module may assign to. An imported data value may therefore change.
  return !declaration.imported || typeof value === "function" || types.isModuleNamespaceObject(value);
}

/** Only sloppy functions have `caller` and `arguments` of their own. For arrows and methods, their place in the source decides. */
function isStrict(fn: Fn, location: FunctionLocation, place: FunctionPlace | undefined): boolean {
  if (location.inModule) return true;
  if (Object.hasOwn(fn, "caller")) return false;
  return place?.strict ?? false;
}
