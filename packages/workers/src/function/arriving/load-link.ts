// Loads the values that a payload names: an export, an import of the script of a function, a symbol.
import { isError } from "../../executor/realm.js";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { FunctionTravelError } from "../../executor/errors.js";
import type { FunctionReference, Link } from "../../protocol/function-payload.js";
import { importFrom } from "../../protocol/import-from.js";

/**
 * The value of a link.
 * @param expect `"function"` if the value will be called: any other value is an error
 * @throws FunctionTravelError if it cannot be loaded, or does not exist
 */
export async function loadLink(link: Link, expect: "function" | "value" = "value"): Promise<unknown> {
  switch (link.kind) {
    case "reference":
      return pick(await load(link), link, expect);
    case "import": {
      const namespace = await attempt(() => importFrom(link.from)(link.specifier), link.specifier, link.name);
      return link.name === "*" ? namespace : (namespace as Record<string, unknown>)[link.name];
    }
    case "require":
      return createRequire(link.from);
    case "symbol":
      return link.registered ? Symbol.for(link.description) : (Symbol as unknown as Record<string, symbol>)[link.description];
    default:
      return link satisfies never;
  }
}

async function load({ module, from, loader, export: path }: FunctionReference): Promise<unknown> {
  if (loader === "global") return globalThis;
  return attempt(async () => (loader === "require" ? createRequire(module)(fileURLToPath(module)) : await (from === undefined ? import(module) : importFrom(from)(module))) as unknown, module, path);
}

async function attempt(action: () => Promise<unknown>, module: string, path: string): Promise<unknown> {
  try {
    return await action();
  } catch (cause) {
    const why = isError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
    const unread = (cause as { code?: unknown } | undefined)?.code === "ERR_UNKNOWN_FILE_EXTENSION" || (why.startsWith("SyntaxError") && /\.[cm]?tsx?$/.test(module));
    const hint = unread ? ` ${NO_LOADER}` : "";
    throw new FunctionTravelError(`The worker could not load ${module}, which exports ${path || "the function"}. Make sure that the module loads in a worker too. ${why}${hint}`, { cause });
  }
}

const NO_LOADER =
  "The loader that the main thread has for such files is not active in the worker. Run the program by `node --import <loader>` or `node --require <loader>`, which workers inherit, register the loader in a setup module, or use a Node.js that runs TypeScript by itself (22.18 and later).";

function pick(exports: unknown, link: FunctionReference, expect: "function" | "value"): unknown {
  const keys = link.export === "" ? [] : link.export.split(".");
  let holder: unknown;
  let value = link.loader === "import" && keys[0] !== undefined ? exportsWith(exports, keys[0]) : exports;
  for (const [depth, key] of keys.entries()) {
    holder = value;
    if ((typeof holder !== "object" && typeof holder !== "function") || holder === null || !(key in holder)) {
      throw missing(link, keys.slice(0, depth), key, holder);
    }
    value = (holder as Record<string, unknown>)[key];
  }
  if (expect === "value") return value;
  if (typeof value !== "function") {
    throw new FunctionTravelError(`${link.export} of ${link.module} is no function in the worker, but ${value === null ? "null" : `of type ${typeof value}`}. Make sure that the module exports the same function in every thread.`);
  }
  return keys.length > 1 ? (value.bind(holder) as unknown) : value;
}

/** Imported CommonJS may have its exports only on `default`, if Node could not detect their names. */
function exportsWith(exports: unknown, key: string): unknown {
  const { default: inner } = exports as { default?: unknown };
  const hidden = !(key in (exports as object)) && ((typeof inner === "object" && inner !== null) || typeof inner === "function") && key in inner;
  return hidden ? inner : exports;
}

function missing({ module, export: path }: FunctionReference, found: string[], key: string, holder: unknown): FunctionTravelError {
  const has = typeof holder === "object" || typeof holder === "function" ? Object.keys(holder ?? {}).join(", ") : "";
  const where = found.length === 0 ? module : `${found.join(".")} of ${module}`;
  return new FunctionTravelError(`${where} has no ${key} in the worker (looked for ${path}); it has ${has || "no exports"}. Check the name, and that the module exports the same in every thread.`);
}
