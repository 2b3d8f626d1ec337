// Parses JavaScript. Loaded with the first function that travels as code: programs that call only exported
// functions never load the parser. V8 has accepted the source, so the newest syntax is enabled.
import type { Node, Options, Program } from "acorn";
import { loadDependency } from "../../../executor/load-module.js";

/** A node of the tree in ESTree form, identified by its `type`. */
export type SyntaxNode = Node & { readonly [key: string]: unknown };

type Parser = { parse(source: string, options: Options): Program };

let parser: Parser | undefined;

/**
 * The tree of `source`.
 * @throws SyntaxError if the parser does not know the syntax
 */
export function parse(source: string, sourceType: "module" | "script"): SyntaxNode {
  parser ??= loadDependency<Parser>(import.meta.url, "acorn");
  const tree: Node = parser.parse(source, {
    ecmaVersion: "latest",
    sourceType,
    // A function is parsed without its surroundings, and CommonJS without the function around it.
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    // A class of a module is parsed as a script too, and may use import.meta.
    allowImportExportEverywhere: true,
    checkPrivateFields: false,
  });
  return tree as SyntaxNode;
}

/** The nodes directly below `node`, in the order of the source. */
export function* childrenOf(node: SyntaxNode): Generator<SyntaxNode> {
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield item;
    } else if (isNode(value)) yield value;
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** Whether `node` is a function of any form, including class constructors and the values of methods. */
export function isFunction(node: SyntaxNode): boolean {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";
}

/** Whether `node` is a class. */
export function isClass(node: SyntaxNode): boolean {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/** Whether `node` is `outer`, or a part of it. */
export function isWithin(node: SyntaxNode, outer: SyntaxNode): boolean {
  return outer.start <= node.start && node.end <= outer.end;
}
