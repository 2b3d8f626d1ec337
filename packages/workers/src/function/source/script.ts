// The script that a function stands in: where each variable is declared, whether anything assigns to
// it, and what it was imported from. The text comes from the file (or data: URL) where that holds
// it, else from V8; scripts that are too large to parse in passing (bundles) are left alone, and then less is known.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FunctionLocation, scriptSource } from "../inspector.js";
import { childrenOf, isClass, isFunction, parse, type SyntaxNode } from "./parse.js";
import { analyseScopes, type Binding, type Scope, type ScopeTree } from "./scopes.js";

/** Parsing takes about 20 ms a megabyte. A guess at what a call may cost once. */
const maxSourceLength = 2_000_000;
const maxScripts = 1_000;

/** Where a function stands in its script. */
export interface FunctionPlace {
  /** Counted from zero. */
  readonly line: number;
  readonly column: number;
  readonly strict: boolean;
  /** The declaration that `name` means there; undefined for globals. */
  declaration(name: string): Declaration | undefined;
}

/** A variable's declaration. */
export interface Declaration extends Binding {
  /** Counted from zero. */
  readonly line: number;
  readonly column: number;
  /** Whether it stands outside any function, so that there is only one of it. */
  readonly topLevel: boolean;
}

const scripts = new Map<string, Script | undefined>();

/** The place of the function with the text `source` at `location`; undefined if the script is not known well enough. */
export function placeInScript(location: FunctionLocation, source: string): FunctionPlace | undefined {
  if (!scripts.has(location.scriptId)) {
    if (scripts.size >= maxScripts) scripts.delete(scripts.keys().next().value as string);
    scripts.set(location.scriptId, openScript(location, source));
  }
  return scripts.get(location.scriptId)?.place(location, source);
}

function openScript(location: FunctionLocation, source: string): Script | undefined {
  for (const read of [readFile, scriptSource]) {
    try {
      const text = read(location);
      if (text === undefined || text.length > maxSourceLength) continue;
      const script = new Script(text, location.inModule);
      if (script.place(location, source)) return script;
    } catch {
      // Not the text that V8 runs, or syntax that the parser does not know: the next source may do.
    }
  }
  return undefined;
}

function readFile({ url }: FunctionLocation): string | undefined {
  if (url.startsWith("file:")) return readFileSync(fileURLToPath(url), "utf8").replace(/^\uFEFF/, "");
  const [, encoding, data] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
  return data === undefined ? undefined : encoding ? Buffer.from(data, "base64").toString() : decodeURIComponent(data);
}

class Script {
  readonly #text: string;
  readonly #tree: SyntaxNode;
  readonly #scopes: ScopeTree;
  readonly #lineStarts: number[];
  readonly #inModule: boolean;

  constructor(text: string, inModule: boolean) {
    this.#text = text;
    this.#inModule = inModule;
    this.#tree = parse(text, inModule ? "module" : "script");
    this.#scopes = analyseScopes(this.#tree);
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\r\n|[\n\r\u2028\u2029]/g), ({ index, 0: end }) => index + end.length)];
  }

  place({ line, column }: FunctionLocation, source: string): FunctionPlace | undefined {
    const offset = (this.#lineStarts[line] ?? Infinity) + column;
    const path = this.#pathTo(offset);
    const node = path.findLast((each) => (isFunction(each) || isClass(each)) && this.#text.endsWith(source, each.end) && each.end - source.length <= offset);
    if (!node) return undefined;
    const outer = this.#scopes.scopes.get(node)?.[0]?.parent as Scope;
    return {
      ...this.#position(node.end - source.length),
      strict: this.#inModule || path.some((each) => isClass(each) || hasUseStrict(each)),
      declaration: (name) => {
        const binding = outer.find(name);
        return binding && { ...binding, ...this.#position(binding.node.start), topLevel: this.#scopes.root.bindings.get(name) === binding };
      },
    };
  }

  /** The nodes that contain `offset`, outermost first. */
  #pathTo(offset: number): SyntaxNode[] {
    const path: SyntaxNode[] = [];
    let node: SyntaxNode | undefined = this.#tree;
    while (node) {
      path.push(node);
      let inner: SyntaxNode | undefined;
      for (const child of childrenOf(node)) if (child.start <= offset && offset < child.end) inner = child;
      node = inner;
    }
    return path;
  }

  #position(offset: number): { line: number; column: number } {
    const line = this.#lineStarts.findLastIndex((start) => start <= offset);
    return { line, column: offset - (this.#lineStarts[line] ?? 0) };
  }
}

function hasUseStrict(node: SyntaxNode): boolean {
  const body = Array.isArray(node["body"]) ? (node["body"] as SyntaxNode[]) : ((node["body"] as SyntaxNode | undefined)?.["body"] as SyntaxNode[] | undefined);
  return Array.isArray(body) && body.some((each) => each["directive"] === "use strict");
}
