// The rules by which functions cross, for sides that keep their modules at different places, or that do not accept
// code from each other. The rules of a side name the functions that leave it, and find the functions that arrive.
//
//   main    dispatch/pool-executor.ts   nameOf ──▶ name ──▶ urlOf   entry/run-calls.ts         worker
//           dispatch/back-calls.ts      urlOf  ◀── name ◀── nameOf  entry/way-back.ts (fromThread)
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { FunctionTravelError } from "../executor/errors.js";
import type { FunctionPayload, FunctionReference, Link } from "./function-payload.js";

/**
 * The rules of one side, for functions that leave it and functions that arrive. They apply to every module
 * that a function names, including builtins such as `node:fs`.
 */
export interface TravelRules {
  /**
   * What happens to a function that can only travel as code, and to globals such as `eval`. `"refuse"`: the
   * call rejects with `FunctionTravelError`, on the leaving side and on the arriving side.
   */
  readonly code: "run" | "refuse";
  /**
   * The name under which a module of this side crosses. Called once for each function.
   * @param url as `import()` takes it on this side
   * @throws FunctionTravelError the module must not cross; the call rejects with it
   */
  nameOf(url: string): string;
  /**
   * The URL of the module with this name, for `import()` on this side. Called before anything is imported.
   * @param name the result of `nameOf` on the other side, or any other value that was sent in its place
   * @throws FunctionTravelError this side does not serve the module; the call rejects with it
   */
  urlOf(name: string): string;
}

/**
 * Rules for modules below one folder, which each side may have at a different place. A module crosses as its
 * path relative to the folder. Modules outside the folder, builtins, globals and code are refused.
 * @param root the folder as a `file:` URL that ends with a slash
 * @example
 * // On both sides, each with its own folder:
 * const travel = modulesBelow(new URL("./", import.meta.url));
 */
export function modulesBelow(root: URL | string): TravelRules {
  const { href } = new URL(root);
  if (!href.endsWith("/")) throw new TypeError(`modulesBelow takes the URL of a folder, which ends with a slash; got ${href}.`);
  const refuse = (module: string): never => {
    throw new FunctionTravelError(`${module} is no module below ${href}. Functions of other modules are not served. Move the module below this folder, or pass a function that a module there exports.`);
  };
  return {
    code: "refuse",
    nameOf: (url) => (url.startsWith(href) ? url.slice(href.length) : refuse(url)),
    urlOf(name) {
      const url = URL.canParse(name, href) ? new URL(name, href).href : refuse(name);
      return url.startsWith(href) ? url : refuse(name);
    },
  };
}

/** Stands for a script without a URL: code that was created at run time. */
const NO_SCRIPT = "";

/** The form in which a function crosses. @throws FunctionTravelError, or what `nameOf` throws */
export function leaving(payload: FunctionPayload, rules: TravelRules | undefined): FunctionPayload {
  return rules === undefined ? payload : mapModules(payload, rules, (url) => rules.nameOf(url), (script) => (URL.canParse(script) ? rules.nameOf(script) : NO_SCRIPT));
}

/** The form in which this side finds a function that has arrived. @throws FunctionTravelError, or what `urlOf` throws */
export function arriving(payload: FunctionPayload, rules: TravelRules | undefined): FunctionPayload {
  return rules === undefined ? payload : mapModules(payload, rules, (name) => rules.urlOf(name), (script) => (script === NO_SCRIPT ? NO_SCRIPT : rules.urlOf(script)));
}

/** If the other side keeps its modules elsewhere, it cannot resolve a specifier of this side. So it gets the file. */
function urlOf({ module, from }: FunctionReference): string {
  return from === undefined ? module : pathToFileURL(createRequire(from).resolve(module)).href;
}

function named({ kind, export: path, loader, name }: FunctionReference, module: string): FunctionReference {
  return { kind, module, export: path, loader, name };
}

function mapModules(payload: FunctionPayload, { code }: TravelRules, map: (module: string) => string, mapScript: (script: string) => string): FunctionPayload {
  const mapReference = (reference: FunctionReference): FunctionReference => {
    if (reference.loader !== "global") return named(reference, map(urlOf(reference)));
    // eval and Function are globals.
    if (code === "refuse") throw new FunctionTravelError(`${reference.export} is a global, and this executor takes only functions that a module exports. Export a function that calls it from a module.`);
    return reference;
  };
  if (payload.kind === "reference") return mapReference(payload);
  if (code === "refuse") {
    throw new FunctionTravelError(
      `${payload.name} can only travel as its code, and this executor takes only functions that a module exports. Export it from a module other than the program's entry, or name it with workerModule() or task().`,
    );
  }
  const functions = payload.functions.map((each) => ({ ...each, url: mapScript(each.url) }));
  return { ...payload, functions, links: payload.links.map(mapLink) };

  function mapLink(link: Link): Link {
    if (link.kind === "reference") return mapReference(link);
    return link.kind === "symbol" ? link : { ...link, from: map(link.from) };
  }
}
