// The script of a function: where each variable is declared, whether code assigns to it, and what it was
// imported from. The text comes from the file (or data: URL) if that contains it, otherwise from V8. Scripts
// that are too large to parse in a call (bundles) are not read, and less is known of their functions.
import { clearTimeout, setTimeout } from "../../../executor/real-time.js";
import { inRoot } from "../../../executor/root-context.js";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FunctionLocation } from "../function-location.js";
import { scriptSource } from "../inspector-session.js";
import { analyseScopes, type ScopeTree } from "./analyse-scopes.js";
import { childrenOf, isClass, isFunction, parse, type SyntaxNode } from "./parse.js";
import type { Binding, Scope } from "./scope.js";

/** The largest script that is parsed. It takes about 0.33 ms a kilobyte, once. A guess at what a first call may cost. */
const MAX_SOURCE_LENGTH = 400_000;
/** The number of trees that are kept. A tree takes about fifty times the memory of its text, and a program submits new functions from few files at a time. */
const MAX_SCRIPTS = 8;
/** Milliseconds without a new function after which the trees are dropped. */
const FORGET_AFTER_MS = 10_000;

/** The place of a function in its script. */
export interface FunctionPlace {
  /** Counted from zero. */
  readonly line: number;
  readonly column: number;
  readonly strict: boolean;
  /** The declaration that `name` refers to there; undefined for globals. */
  declaration(name: string): Declaration | undefined;
}

/** A variable's declaration: what remains when the tree is dropped. */
export interface Declaration extends Omit<Binding, "node"> {
  /** Counted from zero. */
  readonly line: number;
  readonly column: number;
  /** Whether it is outside functions, so that there is only one variable. */
  readonly topLevel: boolean;
}

const scripts = new Map<string, Script | undefined>();
let forgetting: NodeJS.Timeout | undefined;

/** The place of the function with the text `source` at `location`; undefined if too little of the script is known. */
export function placeInScript(location: FunctionLocation, source: string): FunctionPlace | undefined {
  if (!scripts.has(location.scriptId)) {
    if (scripts.size >= MAX_SCRIPTS) scripts.delete(scripts.keys().next().value as string);
    scripts.set(location.scriptId, openScript(location, source));
    clearTimeout(forgetting);
    forgetting = inRoot(() => setTimeout(() => scripts.clear(), FORGET_AFTER_MS)).unref();
  }
  return scripts.get(location.scriptId)?.place(location, source);
}

function openScript(location: FunctionLocation, source: string): Script | undefined {
  for (const read of [readFile, ({ scriptId }: FunctionLocation) => scriptSource(scriptId)]) {
    try {
      const text = read(location);
      if (text === undefined) continue;
      if (text.length > MAX_SOURCE_LENGTH) return undefined; // the text of V8 is not shorter, and takes longer to get
      const script = new Script(text, location.inModule);
      if (script.place(location, source)) return script;
    } catch {
      // Not the text that V8 runs, or unknown syntax: the next source may succeed.
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
        if (!binding) return undefined;
        const { node, ...rest } = binding;
        return { ...rest, ...this.#position(node.start), topLevel: this.#scopes.root.bindings.get(name) === binding };
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
