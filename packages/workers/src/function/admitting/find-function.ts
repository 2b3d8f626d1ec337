// Finds a function in a text by its code. Parses the text, which takes time for a large one.
import type { FunctionCode } from "../../protocol/function-payload.js";
import { IMPORT_META_NAME, PARENT_NAME, readFunction } from "../leaving/source/function-syntax.js";
import { childrenOf, isClass, isFunction, parse, type SyntaxNode } from "../leaving/source/parse.js";

/** Parts of code that `readFunction` writes in place of what stands in the source. */
const WRITTEN = new RegExp(`\\{\\}|undefined|"method"|${IMPORT_META_NAME}|${PARENT_NAME}`);

/** The characters by which code may differ from a text of this length: replacements change little. */
const mostReplaced = (length: number): number => length / 2 + 200;

/** Whether a text may have a function with this code: a cheap test, because the parser takes longer. */
function mayHold(text: string, { code }: FunctionCode): boolean {
  // The first and the last part have what is written around a function.
  const parts = new Set(code.split(/\s+/).slice(1, -1));
  return [...parts].every((part) => WRITTEN.test(part) || text.includes(part));
}

/**
 * The code as it stands in a text, if a function there travels with exactly this code.
 * @param line of the function, counted from zero; `undefined`: anywhere
 */
export function findFunction(text: string, code: FunctionCode, line?: number): FunctionCode | undefined {
  if (code.code.length - text.length > mostReplaced(text.length) || !mayHold(text, code)) return undefined;
  const starts = line === undefined ? [] : [0, ...Array.from(text.matchAll(/\r\n|[\n\r\u2028\u2029]/g), ({ index, 0: end }) => index + end.length)];
  const [from, to] = line === undefined ? [0, text.length] : [starts[line] ?? Infinity, starts[line + 1] ?? text.length];
  for (const { start, end } of rangesOf(text)) {
    if (start >= to || end <= from) continue;
    const found = asSent(text.slice(start, end), code);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The place of a function in a text. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The number of texts whose functions are kept. A guess: the modules whose functions one program requests by turns. */
const MOST_TEXTS = 16;

const ranges = new Map<string, readonly Range[]>();

/** The functions and classes of a text; none if it is no JavaScript. */
function rangesOf(text: string): readonly Range[] {
  let found = ranges.get(text);
  if (found === undefined) {
    if (ranges.size >= MOST_TEXTS) ranges.clear();
    const tree = treeOf(text);
    ranges.set(text, (found = tree === undefined ? [] : Array.from(functionsIn(tree), ({ start, end }) => ({ start, end }))));
  }
  return found;
}

function treeOf(text: string): SyntaxNode | undefined {
  for (const type of ["module", "script"] as const) {
    try {
      return parse(text, type);
    } catch {
      // Sloppy code, or no JavaScript.
    }
  }
  return undefined;
}

/** The functions and classes of a tree. A method is found with its name, as `Function.prototype.toString` gives it. */
function* functionsIn(tree: SyntaxNode): Generator<Range> {
  const open = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isFunction(node) || isClass(node)) yield node;
    const { type, kind, method, key, computed } = node as { type: string; kind?: string; method?: boolean; key?: SyntaxNode; computed?: boolean } & SyntaxNode;
    if (type === "MethodDefinition" || (type === "Property" && (method === true || kind === "get" || kind === "set"))) {
      for (let start = node.start; start <= key!.start - (computed === true ? 1 : 0); start += 1) yield { start, end: node.end }; // `static` is not part of the text
    }
    open.push(...childrenOf(node));
  }
}

/** `code`, if the function with the text `source` travels with this code. Its properties are read again from the text. */
function asSent(source: string, code: FunctionCode): FunctionCode | undefined {
  // A cheap test for most functions.
  if (Math.abs(source.length - code.code.length) > mostReplaced(source.length)) return undefined;
  for (const strict of [true, false]) {
    try {
      const syntax = readFunction(source, strict);
      if (syntax.code !== code.code) continue;
      if (!code.variables.every((name) => name === PARENT_NAME || syntax.free.has(name))) return undefined;
      return { ...code, isClass: syntax.form === "class", importMeta: syntax.usesImportMeta ? IMPORT_META_NAME : undefined, usesImport: syntax.usesImport };
    } catch {
      // No function in this mode.
    }
  }
  return undefined;
}
