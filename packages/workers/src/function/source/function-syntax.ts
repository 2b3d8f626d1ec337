// What the source of one function says about moving it: which names it takes from around it, whether
// it leans on anything else there, and the expression that makes it again somewhere else.
import { childrenOf, isClass, isFunction, parse, type SyntaxNode } from "./parse.js";
import { analyseScopes, type Binding, type ScopeTree } from "./scopes.js";

/** A name that a function takes from around it. */
export interface FreeName {
  /** Whether the function assigns to it. */
  readonly written: boolean;
  /** Whether it is needed to make the function, and not only to run it: a superclass, a static field. */
  readonly eager: boolean;
}

/** A function's source, understood. */
export interface FunctionSyntax {
  /** An expression whose value is the function. */
  readonly code: string;
  /** How much longer the first line of `code` is than that of the source, before its text. */
  readonly shift: number;
  readonly form: "function" | "arrow" | "class" | "method" | "accessor";
  readonly free: ReadonlyMap<string, FreeName>;
  readonly usesImportMeta: boolean;
  readonly usesImport: boolean;
  /** `this` of the call: not used, only handed on, or used. */
  readonly thisUse: "none" | "passed" | "used";
  /** What no other place can give it, as a clause; undefined if there is none. */
  readonly obstacle: string | undefined;
}

/** Stands for `import.meta` in code that has moved. */
export const importMetaName = "__offloopImportMeta";
/** Stands for the parent of a class, which is known by itself: what is written after `extends` need not be run again. */
export const parentName = "__offloopParent";

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
  if (parent) free.set(parentName, { written: false, eager: true });
  const dropped = isClass(node) ? onceOnly(node) : [];
  for (const { name, node: use, scope, writes } of references) {
    const binding = scope.find(name);
    if ((binding && binding !== own) || (parent && isWithin(use, parent)) || dropped.some((each) => isWithin(use, each))) continue;
    const known = free.get(name);
    free.set(name, { written: writes || (known?.written ?? false), eager: found.isEager(use) || (known?.eager ?? false) });
  }
  const metas = found.importMetas.filter((each) => !dropped.some((outer) => isWithin(each, outer)));
  const replacements: [SyntaxNode, string][] = metas.map((each) => [each, importMetaName]);
  for (const each of dropped) replacements.push([each, each.type === "StaticBlock" ? "static {}" : "undefined"]);
  if (own) replacements.push([own.node, " ".repeat(own.node.end - own.node.start)]);
  if (parent) replacements.push([parent, parentName]);
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
 * The name of a function declaration that assigns to it, as helpers of compilers do once they know
 * better: in an expression the name would be a constant, so it is made a variable like any other.
 */
function ownName(node: SyntaxNode, scopes: ScopeTree["scopes"]): Binding | undefined {
  const id = node["id"] as SyntaxNode | null | undefined;
  const binding = id && isFunction(node) ? scopes.get(node)?.[0]?.bindings.get(id["name"] as string) : undefined;
  return binding?.assigned ? binding : undefined;
}

/** What stands after `extends`, parentheses excluded; undefined without a parent, and for `extends null`. */
function parentExpression(node: SyntaxNode): SyntaxNode | undefined {
  const parent = node["superClass"] as SyntaxNode | null;
  return parent && !(parent.type === "Literal" && parent["value"] === null) ? parent : undefined;
}

/**
 * What ran when the class was made, and is not to run again: its public static fields travel with the
 * values that they have now. Private ones cannot be read, and are made again.
 */
function onceOnly(node: SyntaxNode): SyntaxNode[] {
  return ((node["body"] as SyntaxNode)["body"] as SyntaxNode[]).flatMap((member) => {
    if (member.type === "StaticBlock") return usesPrivateName(member) ? [] : [member];
    const value = member["value"] as SyntaxNode | null | undefined;
    const isPublic = member.type === "PropertyDefinition" && member["static"] === true && (member["key"] as SyntaxNode).type !== "PrivateIdentifier";
    return isPublic && value ? [value] : [];
  });
}

function usesPrivateName(node: SyntaxNode): boolean {
  if (node.type === "PrivateIdentifier") return true;
  for (const child of childrenOf(node)) if (usesPrivateName(child)) return true;
  return false;
}

function isWithin(node: SyntaxNode, outer: SyntaxNode): boolean {
  return outer.start <= node.start && node.end <= outer.end;
}

function replace(source: string, shift: number, replacements: readonly (readonly [SyntaxNode, string])[]): string {
  let text = source;
  for (const [{ start, end }, by] of replacements.toSorted(([a], [b]) => b.start - a.start)) {
    text = text.slice(0, start - shift) + by + text.slice(end - shift);
  }
  return text;
}

/** A function, arrow or class is an expression as it stands; a method is one inside an object. */
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

/** The method under a name of our own where its own is computed: what it was computed from may not travel. */
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

/** The parts of a class that run when it is used, and not when it is made. */
function lazyParts(node: SyntaxNode): SyntaxNode[] {
  const members = (node["body"] as SyntaxNode)["body"] as SyntaxNode[];
  return members.flatMap((member) => {
    const value = member["value"] as SyntaxNode | null | undefined;
    return value && (member.type === "MethodDefinition" || !member["static"]) ? [value] : [];
  });
}

/** One walk over a function for what is not a variable: this, super, private names, import.meta. */
class Findings {
  readonly importMetas: SyntaxNode[] = [];
  thisUse: FunctionSyntax["thisUse"] = "none";
  obstacle: string | undefined;
  usesImport = false;
  callsEval = false;
  readonly #lazy: readonly SyntaxNode[];
  readonly #isClass: boolean;
  readonly #isArrow: boolean;

  constructor(root: SyntaxNode, lazy: readonly SyntaxNode[]) {
    this.#lazy = lazy;
    this.#isClass = isClass(root);
    this.#isArrow = root.type === "ArrowFunctionExpression";
    if (this.#isClass) this.#class(root, true, new Set(), false);
    else for (const child of childrenOf(root)) this.#visit(child, true, new Set());
  }

  isEager(use: SyntaxNode): boolean {
    return this.#isClass && !this.#lazy.some((part) => isWithin(use, part));
  }

  /** `own`: whether `this` here is that of the function itself (or, for an arrow, of what is around it). */
  #visit(node: SyntaxNode, own: boolean, privateNames: ReadonlySet<string>): void {
    if (isClass(node)) return this.#class(node, own, privateNames);
    if (isFunction(node) && node.type !== "ArrowFunctionExpression") own = false;
    switch (node.type) {
      case "ThisExpression":
        if (own) this.thisUse = "used";
        return;
      case "Super":
        if (own) this.obstacle ??= "it uses super, whose meaning is bound to the object or class that it was written in";
        return;
      case "PrivateIdentifier":
        if (!privateNames.has(node["name"] as string)) {
          this.obstacle ??= `it uses the private name #${node["name"] as string}, which only the class around it can give`;
        }
        return;
      case "MetaProperty":
        if ((node["meta"] as SyntaxNode)["name"] === "import") this.importMetas.push(node);
        else if (own && this.#isArrow) this.obstacle ??= "it uses new.target of the function around it";
        return;
      case "ImportExpression":
        this.usesImport = true;
        break;
      case "CallExpression":
        return this.#call(node, own, privateNames);
    }
    for (const child of childrenOf(node)) this.#visit(child, own, privateNames);
  }

  /**
   * `__awaiter(this, …, function* () {…})` is how compilers write an async function for old targets:
   * `this` is handed on, and used only if the functions that are handed on with it use theirs.
   */
  #call(node: SyntaxNode, own: boolean, privateNames: ReadonlySet<string>): void {
    const callee = node["callee"] as SyntaxNode;
    if (callee.type === "Identifier" && callee["name"] === "eval") this.callsEval = true;
    const [first, ...rest] = node["arguments"] as SyntaxNode[];
    const handsOn = own && first?.type === "ThisExpression";
    if (handsOn && this.thisUse === "none") this.thisUse = "passed";
    this.#visit(callee, own, privateNames);
    if (first && !handsOn) this.#visit(first, own, privateNames);
    for (const argument of rest) {
      if (handsOn && argument.type === "FunctionExpression") for (const child of childrenOf(argument)) this.#visit(child, own, privateNames);
      else this.#visit(argument, own, privateNames);
    }
  }

  #class(node: SyntaxNode, own: boolean, outer: ReadonlySet<string>, withParent = true): void {
    const members = (node["body"] as SyntaxNode)["body"] as SyntaxNode[];
    const names = new Set(outer);
    for (const member of members) {
      const key = member["key"] as SyntaxNode | undefined;
      if (key?.type === "PrivateIdentifier") names.add(key["name"] as string);
    }
    const parent = node["superClass"] as SyntaxNode | null;
    if (parent && withParent) this.#visit(parent, own, outer);
    for (const member of members) {
      const key = member["key"] as SyntaxNode | undefined;
      const value = member["value"] as SyntaxNode | null | undefined;
      if (key && member["computed"]) this.#visit(key, own, names);
      if (value) this.#visit(value, false, names);
      if (!key) for (const child of childrenOf(member)) this.#visit(child, false, names);
    }
  }
}
