// The modules that a worker was given with its calls: those that the calls name, those that these modules import by a
// literal specifier, and the packages that any of them imports. Reads files, and loads no module.
import { readFileSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { FunctionCode, FunctionPayload, Link } from "../../protocol/function-payload.js";

/** An import of a text. */
interface Import {
  readonly specifier: string;
  /** The export, and the variable that has it. `*`: the whole module. */
  readonly names: readonly (readonly [imported: string, local: string])[];
}

/** The packages of offloop. Their functions run what their arguments say, so a worker cannot request them by name. */
const OWN = /^(?:@offloop\/|offloop(?:\/|$))/;
const OWN_FILES = new URL("../../", import.meta.url).href;

/** The number of texts that are kept, and of modules that one search looks at. A guess: larger than most programs. */
const MOST_MODULES = 5_000;

const importsOf = new Map<string, readonly Import[]>();

/** What one worker was given. */
export class GivenModules {
  /** The modules that payloads and options name. */
  readonly #named = new Set<string>();
  /** The code of the functions that were sent. */
  readonly code: FunctionCode[] = [];
  /** Modules that sent code imports. */
  readonly #imported: string[] = [];
  /** Folders of packages that sent code imports. */
  readonly #packages = new Set<string>();

  /** @param modules the modules of the pool's `setup` and `teardown` */
  constructor(payloads: Iterable<FunctionPayload>, modules: readonly string[]) {
    for (const module of modules) this.#named.add(module);
    for (const payload of payloads) {
      if (payload.kind === "reference") this.#addLink(payload);
      else {
        this.code.push(...payload.functions);
        for (const link of payload.links) this.#addLink(link);
        for (const each of payload.functions) for (const specifier of usedBy(each)) if (!OWN.test(specifier)) this.#add(resolved(specifier, each.url));
      }
    }
  }

  /** Whether the worker was given the module at `url`. */
  has(url: string): boolean {
    if (this.#named.has(url)) return true;
    if (url.startsWith(OWN_FILES)) return false;
    const folders = new Set(this.#packages);
    const seen = new Set([...this.#named, ...this.#imported]);
    const isGiven = (): boolean => seen.has(url) || [...folders].some((folder) => url.startsWith(folder));
    for (const module of seen) {
      if (isGiven()) return true;
      if (seen.size > MOST_MODULES) return false;
      for (const { specifier } of readImports(module)) {
        const { modules, folder } = resolved(specifier, module);
        for (const each of modules) seen.add(each);
        if (folder !== undefined && !OWN.test(specifier)) folders.add(folder);
      }
    }
    return isGiven();
  }

  /** Whether a given module, or sent code, has this import. */
  imports(specifier: string, from: string): boolean {
    if (OWN.test(specifier) || isBuiltin(specifier)) return false;
    return readImports(from).some((each) => each.specifier === specifier) && (this.has(from) || this.code.some((each) => each.url === from && usedBy(each).includes(specifier)));
  }

  #addLink(link: Link): void {
    if (link.kind === "import" && !OWN.test(link.specifier)) this.#add(resolved(link.specifier, link.from));
    else if (link.kind === "reference" && link.loader !== "global") this.#add(link.from === undefined ? { modules: [link.module] } : resolved(link.module, link.from), "named");
  }

  #add({ modules, folder }: Resolved, how: "named" | "imported" = "imported"): void {
    for (const each of modules) if (how === "named") this.#named.add(each); else this.#imported.push(each);
    if (folder !== undefined) this.#packages.add(folder);
  }
}

/** The text of a module; `undefined`: it cannot be read. */
export function textOf(url: string): string | undefined {
  try {
    if (url.startsWith("file:")) return readFileSync(fileURLToPath(url.replace(/[?#].*$/s, "")), "utf8").replace(/^\uFEFF/, "");
    const [, encoding, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
    return data === undefined ? undefined : encoding ? Buffer.from(data, "base64").toString() : decodeURIComponent(data);
  } catch {
    return undefined;
  }
}

/**
 * Whether the text of a module declares a variable that holds what `link` names, by an import of a builtin or a package.
 * @param variable its name; `undefined`: any
 */
export function declaresLink(url: string, variable: string | undefined, link: Link): boolean {
  return readImports(url).some(({ specifier, names }) =>
    names.some(([imported, local]) => {
      if (variable !== undefined && local !== variable) return false;
      if (link.kind === "import") return link.from === url && link.specifier === specifier && link.name === imported;
      if (link.kind !== "reference") return false;
      const isSame = isBuiltin(link.module) ? withoutScheme(specifier) === withoutScheme(link.module) : OWN.test(specifier) && link.module.startsWith(`${resolved(specifier, url).folder}dist/`);
      return isSame && (imported === "*" ? link.export === "" || link.export === "default" : link.export.split(".").at(-1) === imported);
    }),
  );
}

const withoutScheme = (specifier: string): string => specifier.replace(/^node:/, "");

const STATEMENT = /\b(?:import|export)\b([^"'();]*?)\bfrom\s*(["'])([^"'\n]+)\2/g;
const REQUIRE = /(?:\b(?:const|let|var)\s+([^;=]+?)\s*=\s*)?\brequire\s*\(\s*(["'])([^"'\n]+)\2\s*\)/g;
const BARE = /\bimport()\s*\(?\s*(["'])([^"'\n]+)\2/g;

/** The imports of a text by literal specifiers. Comments and strings that look like imports count too. */
function importsIn(text: string): Import[] {
  return ([[STATEMENT, "default"], [REQUIRE, "*"], [BARE, "*"]] as const).flatMap(([form, whole]) =>
    Array.from(text.matchAll(form), ([, clause = "", , specifier]) => ({ specifier: specifier!, names: namesIn(clause, whole) })),
  );
}

/** @param whole what a name outside braces stands for */
function namesIn(clause: string, whole: string): [string, string][] {
  const [, inner = ""] = /\{([^}]*)\}/.exec(clause) ?? [];
  const pairs = inner.split(",").flatMap((item): [string, string][] => {
    const [imported, local = imported] = item.replace(/^\s*type\s/, "").match(/[\w$]+/g)?.filter((word) => word !== "as") ?? [];
    return imported === undefined ? [] : [[imported, local!]];
  });
  for (const word of clause.replace(/\{[^}]*\}?/, "").replace(/\*\s*as\s+([\w$]+)/, (_, name: string) => (pairs.push(["*", name]), "")).match(/[\w$]+/g) ?? []) pairs.push([whole, word]);
  return pairs;
}

function readImports(module: string): readonly Import[] {
  let found = importsOf.get(module);
  if (found === undefined) {
    if (importsOf.size >= MOST_MODULES) importsOf.clear();
    importsOf.set(module, (found = importsIn(textOf(module) ?? "")));
  }
  return found;
}

/** The imports of its module that a sent function uses, and its own. */
function usedBy({ code, url }: FunctionCode): string[] {
  const words = new Set(code.match(/[\w$]+/g));
  return [...importsIn(code), ...readImports(url).filter(({ names }) => names.some(([, local]) => words.has(local)))].map(({ specifier }) => specifier);
}

/** The files that a specifier may mean, or the folder of its package. */
interface Resolved {
  readonly modules: readonly string[];
  readonly folder?: string;
}

const NOTHING: Resolved = { modules: [] };

function resolved(specifier: string, from: string): Resolved {
  try {
    if (isBuiltin(specifier)) return NOTHING;
    if (/^(?:\.{0,2}\/|file:)/.test(specifier)) return { modules: filesAt(new URL(specifier, from)) };
    if (!from.startsWith("file:") || URL.canParse(specifier)) return NOTHING;
    const require = createRequire(from);
    if (specifier.startsWith("#")) return { modules: [pathToFileURL(require.resolve(specifier)).href] };
    const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? [specifier];
    for (const parent of require.resolve.paths(specifier) ?? []) {
      const folder = realPath(join(parent, name));
      if (folder !== undefined) return { modules: [], folder: `${pathToFileURL(folder).href}/` };
    }
  } catch {
    // The module does not exist: nothing is given by this import.
  }
  return NOTHING;
}

const ENDINGS = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", "/index.js", "/index.ts"];

/** The files that a path means to Node, to CommonJS, and to compilers, which read `x.ts` where the import says `x.js`. */
function filesAt(url: URL): string[] {
  const { search, hash } = url;
  const path = fileURLToPath(url);
  const stem = path.replace(/(?<=\.[mc]?)j(?=sx?$)/, "t");
  const paths = stem === path ? ENDINGS.map((ending) => path + ending) : [path, stem, `${stem}x`];
  return paths.flatMap((each) => {
    const real = realPath(each);
    return real === undefined ? [] : [...new Set([each, real])].map((file) => `${pathToFileURL(file).href}${search}${hash}`);
  });
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
