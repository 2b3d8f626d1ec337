// Names a function by an import of the module that gave it to the executor. The worker then imports the same module
// by the same specifier, so its dependencies load in the same way. No inspector is used, and no module is loaded.
//
//   CommonJS            the module's children in require.cache
//   ECMAScript module   its static imports; `import()` of them gives the namespaces that are there already
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { types } from "node:util";
import { callersOf } from "../../executor/callers.js";
import { clearTimeout, setTimeout } from "../../executor/real-time.js";
import { loadDependency } from "../../executor/load-module.js";
import { inRoot } from "../../executor/root-context.js";
import type { FunctionReference } from "../../protocol/function-payload.js";
import { importFrom } from "../../protocol/import-from.js";
import { isEntryModule } from "./entry-module.js";
import { type ExportPlace, findExport, nearExports } from "./find-export.js";
import { functionName } from "../../executor/text-of.js";
import { NativePromise } from "../../executor/intrinsics.js";

/** A module or a value that the calling module has imported. */
interface Imported {
  readonly exports: object;
  /** How the worker loads it. */
  readonly source: Omit<FunctionReference, "kind" | "export" | "name">;
}

const { cache } = createRequire(import.meta.url);

/** Milliseconds to wait for a module that is already loaded. A module that stays longer in its top-level await may be waiting for this call. */
const IMPORT_TIMEOUT_MS = 1_000;

/** Names of functions whose use in a text is remembered. */
const MOST_NAMES = 1_000;

/** The imports of ECMAScript modules, by URL; a promise while they are being loaded. */
const importsOf = new Map<string, readonly Imported[] | Promise<void>>();
const texts = new Map<string, string>();

/** The name of `fn`; `"ask"` if `loadImports` has to be awaited first; undefined if no calling module imports it. */
export function importedName(fn: Named): FunctionReference | "ask" | undefined {
  const reached: Imported[] = [];
  for (const file of callersOf(fn)) {
    const imports = isModuleUrl(file) ? importsOf.get(file) : children(file);
    if (imports === undefined || types.isPromise(imports)) return "ask";
    const found = shortest(imports, ({ exports }) => nearExports(exports).get(fn));
    if (found !== undefined) return found(fn);
    reached.push(...imports);
  }
  // For a function that was created for this call, a walk through all exports would take too long.
  const found = seemsImported(fn) ? shortest(reached, ({ exports }) => findExport(exports, fn)) : undefined;
  return found?.(fn);
}

interface Named {
  readonly name: string;
}

/** The name of a function by the import that reaches it with the shortest path. */
function shortest(imports: readonly Imported[], find: (imported: Imported) => ExportPlace | undefined): ((fn: Named) => FunctionReference | undefined) | undefined {
  let best: { readonly place: ExportPlace; readonly source: Imported["source"] } | undefined;
  for (const imported of imports) {
    const place = find(imported);
    if (place !== undefined && (best === undefined || place.path.length < best.place.path.length)) best = { place, source: imported.source };
  }
  if (best === undefined) return undefined;
  const { place, source } = best;
  return (fn) => {
    // The object for `this` is not known here. The module that defines the method may export it.
    if (place.rival !== undefined && /\bthis\b/.test(Function.prototype.toString.call(fn))) return undefined;
    return { kind: "reference", ...source, export: place.path, name: functionName(fn) || place.path };
  };
}

/** Loads the namespaces that `importedName` needs. */
export async function loadImports(fn: object): Promise<void> {
  await NativePromise.all(callersOf(fn).filter(isModuleUrl).map((file) => {
    const known = importsOf.get(file);
    if (known !== undefined) return known;
    const loading = load(file).then(
      (imports) => void importsOf.set(file, imports),
      () => void importsOf.set(file, []), // the lexer cannot read the text, because a loader has changed it
    );
    importsOf.set(file, loading);
    return loading;
  }));
}

/** What follows an argument, also in TypeScript: `minify as Minify,`. */
const END_OF_ARGUMENT = "\\s*(?:[,)!]|(?:as|satisfies)\\b)";

const seeming = new Map<string, boolean>();

/** Whether a calling module probably imports `fn`: it uses the name as an argument, and declares no variable of that name. */
export function seemsImported(fn: Named): boolean {
  const name = functionName(fn).replace(/^bound /, "");
  return /^[\w$]+$/.test(name) && callersOf(fn).some((file) => seemsImportedBy(file, name));
}

function seemsImportedBy(file: string, name: string): boolean {
  const key = `${name} ${file}`;
  let seems = seeming.get(key);
  if (seems === undefined) {
    const text = textOf(file);
    const escaped = name.replaceAll("$", "\\$");
    seems = new RegExp(`[(,]\\s*(?:[\\w$]+\\s*\\.\\s*)*${escaped}${END_OF_ARGUMENT}`).test(text) && !new RegExp(`\\b(?:const|let|var|function\\*?|class)\\s+${escaped}\\b`).test(text);
    if (seeming.size >= MOST_NAMES) seeming.clear();
    seeming.set(key, seems);
  }
  return seems;
}

const isModuleUrl = (file: string): boolean => file.startsWith("file:");

/** The modules that a CommonJS module has required. */
function children(file: string): readonly Imported[] {
  return (cache[file]?.children ?? []).flatMap(({ filename, exports }: { filename: string; exports: unknown }) => {
    const module = filename === null ? "" : pathToFileURL(filename).href;
    return isObject(exports) && module !== "" && !isEntryModule(module) ? [{ exports, source: { module, loader: "require" as const } }] : [];
  });
}

async function load(url: string): Promise<readonly Imported[]> {
  const { init, parse } = loadDependency<typeof import("es-module-lexer")>(import.meta.url, "es-module-lexer");
  await init;
  const text = textOf(url);
  const [found] = parse(text);
  const specifiers = new Set<string>();
  for (const { type, specifier, typeOnly, importStart, start } of found as readonly StaticImport[]) {
    if (type !== "static" || typeof specifier !== "string" || typeOnly || isBuiltin(specifier) || isEntryImport(specifier, url)) continue;
    const clause = text.slice(importStart, start);
    if (declaresNothing.test(clause)) continue;
    if (!isTypeScript.test(url) || isPassedOn(clause, text)) specifiers.add(specifier);
  }
  const imports = await NativePromise.all([...specifiers].map(async (specifier) => ({ specifier, exports: await withinTime(inRoot(() => importFrom(url)(specifier))) })));
  return imports.flatMap(({ specifier, exports }) => (isObject(exports) ? [{ exports, source: sourceOf(specifier, url) }] : []));
}

/** An absolute path means the same in every module. The name of a package, or a `#` import, depends on the importing module. */
function sourceOf(specifier: string, from: string): Imported["source"] {
  return isPath.test(specifier) ? { module: new URL(specifier, from).href, loader: "import" } : { module: specifier, loader: "import", from };
}

const isPath = /^(?:\.{0,2}\/|[a-z][\w+.-]+:)/i;

interface StaticImport {
  readonly type: string;
  readonly specifier: string | undefined;
  readonly typeOnly?: boolean;
  readonly importStart: number;
  readonly start: number;
}

/** `import "./polyfill.js"`. */
const declaresNothing = /^import\s*["']/;

const isTypeScript = /\.[mc]?tsx?(?:[?#]|$)/;

/** Whether a name that an import clause declares is used as an argument. An import that is used for types only was not loaded. */
function isPassedOn(clause: string, text: string): boolean {
  const names = clause.replaceAll(/^import\s|\bfrom\b/g, "").replaceAll(/\btype\s+[\w$]+(?:\s+as\s+[\w$]+)?/g, "").replaceAll(/[\w$]+\s+as\s+/g, "").match(/[\w$]+/g) ?? [];
  return names.some((name) => new RegExp(`[(,]\\s*${name.replaceAll("$", "\\$")}(?:\\s*\\.\\s*[\\w$]+)*${END_OF_ARGUMENT}`).test(text.replace(clause, "")));
}

function isEntryImport(specifier: string, from: string): boolean {
  return isPath.test(specifier) && isEntryModule(new URL(specifier, from).href);
}

function textOf(file: string): string {
  let text = texts.get(file);
  if (text === undefined) {
    try {
      text = readFileSync(isModuleUrl(file) ? fileURLToPath(file.replace(/[?#].*$/s, "")) : file, "utf8");
    } catch {
      text = "";
    }
    texts.set(file, text);
  }
  return text;
}

/** The namespace of a module that is loaded; `undefined` if it is not available yet. */
async function withinTime(namespace: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new NativePromise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), IMPORT_TIMEOUT_MS)));
  try {
    return await NativePromise.race([namespace, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
