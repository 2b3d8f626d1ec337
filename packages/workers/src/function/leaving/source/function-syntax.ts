// Analyses the source of one function that is to move: the names that it uses from the code around it, its other
// dependencies on that code, and the expression that creates the function elsewhere.
import { analyseScopes, type ScopeTree } from "./analyse-scopes.js";
import { lazyParts, onceOnly, parentExpression } from "./class-parts.js";
import { Findings, type ThisUse } from "./findings.js";
import { isClass, isFunction, isWithin, parse, type SyntaxNode } from "./parse.js";
import type { Binding } from "./scope.js";

/** A name that a function uses from the code around it. */
interface FreeName {
  /** Whether the function assigns to it. */
  readonly written: boolean;
  /** Whether it is needed to create the function, not only to run it: a superclass, a static field. */
  readonly eager: boolean;
}

/** A function's source, analysed. */
export interface FunctionSyntax {
  /** An expression that evaluates to the function. */
  readonly code: string;
  /** The number of characters that precede the source on the first line of `code`. */
  readonly shift: number;
  readonly form: "function" | "arrow" | "class" | "method" | "accessor";
  readonly free: ReadonlyMap<string, FreeName>;
  readonly usesImportMeta: boolean;
  readonly usesImport: boolean;
  readonly thisUse: ThisUse;
  /** A dependency that no other place can provide, as a clause; undefined if there is none. */
  readonly obstacle: string | undefined;
}

/** Replaces `import.meta` in code that has moved. */
export const IMPORT_META_NAME = "__offloopImportMeta";
/** Replaces the parent of a class, which travels by itself: the expression after `extends` need not run again. */
export const PARENT_NAME = "__offloopParent";

/**
 * Reads the text of a function as `Function.prototype.toString` gives it.
 * @throws SyntaxError if the parser does not know its syntax
 */
export function readFunction(source: string, strict: boolean): FunctionSyntax {
  const { tree, node, shift, method } = parseFunction(source, strict ? "module" : "script");
  const found = new Findings(node, isClass(node) ? lazyParts(node) : []);
  const free = new Map<string, FreeName>();
  const { references, scopes } = analyseScopes(tree);
  const own = ownName(node, scopes);
  const parent = isClass(node) ? parentExpression(node) : undefined;
  if (parent) free.set(PARENT_NAME, { written: false, eager: true });
  const dropped = isClass(node) ? onceOnly(node) : [];
  for (const { name, node: use, scope, writes } of references) {
    const binding = scope.find(name);
    if ((binding && binding !== own) || (parent && isWithin(use, parent)) || dropped.some((each) => isWithin(use, each))) continue;
    const known = free.get(name);
    free.set(name, { written: writes || (known?.written ?? false), eager: found.isEager(use) || (known?.eager ?? false) });
  }
  const metas = found.importMetas.filter((each) => !dropped.some((outer) => isWithin(each, outer)));
  const replacements: [SyntaxNode, string][] = metas.map((each) => [each, IMPORT_META_NAME]);
  for (const each of dropped) replacements.push([each, each.type === "StaticBlock" ? "static {}" : "undefined"]);
  if (own) replacements.push([own.node, " ".repeat(own.node.end - own.node.start)]);
  if (parent) replacements.push([parent, PARENT_NAME]);
  const text = replace(source, shift, replacements);
  const accessor = method?.["kind"] === "get" || method?.["kind"] === "set";
  return {
    code: method ? methodExpression(text, method, shift) : `(${text}\n)`,
    shift,
    form: accessor ? "accessor" : method ? "method" : isClass(node) ? "class" : node.type === "ArrowFunctionExpression" ? "arrow" : "function",
    free,
    usesImportMeta: metas.length > 0,
    usesImport: found.usesImport,
    thisUse: found.thisUse,
    obstacle: found.obstacle ?? (free.has("eval") && found.callsEval ? "it calls eval, which can reach any variable around it" : undefined),
  };
}

/**
 * The name of a function declaration that assigns to itself, as helpers of compilers do after their first
 * call. In an expression the name would be a constant, so it becomes an ordinary variable.
 */
function ownName(node: SyntaxNode, scopes: ScopeTree["scopes"]): Binding | undefined {
  const id = node["id"] as SyntaxNode | null | undefined;
  const binding = id && isFunction(node) ? scopes.get(node)?.[0]?.bindings.get(id["name"] as string) : undefined;
  return binding?.assigned ? binding : undefined;
}

function replace(source: string, shift: number, replacements: readonly (readonly [SyntaxNode, string])[]): string {
  let text = source;
  for (const [{ start, end }, by] of replacements.toSorted(([a], [b]) => b.start - a.start)) {
    text = text.slice(0, start - shift) + by + text.slice(end - shift);
  }
  return text;
}

/** A function, arrow or class is already an expression. A method is placed inside an object. */
function parseFunction(source: string, sourceType: "module" | "script"): { tree: SyntaxNode; node: SyntaxNode; shift: number; method?: SyntaxNode } {
  try {
    const tree = parse(`(${source}\n)`, sourceType);
    return { tree, node: onlyExpression(tree), shift: 1 };
  } catch (error) {
    let tree: SyntaxNode;
    try {
      tree = parse(`({${source}\n})`, sourceType);
    } catch {
      throw error;
    }
    const method = (onlyExpression(tree)["properties"] as SyntaxNode[])[0] as SyntaxNode;
    return { tree, node: method["value"] as SyntaxNode, shift: 2, method };
  }
}

function onlyExpression(tree: SyntaxNode): SyntaxNode {
  return (tree["body"] as SyntaxNode[])[0]?.["expression"] as SyntaxNode;
}

/** A method with a computed name gets a fixed name, because the value of the computed name may not travel. */
function methodExpression(text: string, method: SyntaxNode, shift: number): string {
  const key = method["key"] as SyntaxNode;
  let name = JSON.stringify(String(key["name"] ?? key["value"]));
  let literal = text;
  if (method["computed"]) {
    name = '"method"';
    const open = text.lastIndexOf("[", key.start - shift);
    literal = `${text.slice(0, open)}${name}${text.slice(text.indexOf("]", key.end - shift) + 1)}`;
  }
  const kind = method["kind"] as string;
  return kind === "init" ? `({${literal}\n})[${name}]` : `Object.getOwnPropertyDescriptor({${literal}\n}, ${name}).${kind}`;
}
