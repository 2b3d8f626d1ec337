// The dependencies of a function that are not variables: this, super, private names, new.target, import.meta.
import { childrenOf, isClass, isFunction, isWithin, type SyntaxNode } from "./parse.js";

/** `this` of a call: not used, only passed on, or used. */
export type ThisUse = "none" | "passed" | "used";

/** One walk over a function that finds them. */
export class Findings {
  readonly importMetas: SyntaxNode[] = [];
  thisUse: ThisUse = "none";
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

  /** `own`: whether `this` is that of the function itself (for an arrow, that of the code around it). */
  #visit(node: SyntaxNode, own: boolean, privateNames: ReadonlySet<string>): void {
    if (isClass(node)) return this.#class(node, own, privateNames);
    if (isFunction(node) && node.type !== "ArrowFunctionExpression") own = false;
    switch (node.type) {
      case "ThisExpression":
        if (own) this.thisUse = "used";
        return;
      case "Super":
        if (own) this.obstacle ??= "it uses super, which refers to the object or class around it";
        return;
      case "PrivateIdentifier":
        if (!privateNames.has(node["name"] as string)) {
          this.obstacle ??= `it uses the private name #${node["name"] as string}, which exists only inside the class around it`;
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
   * Compilers for old targets write an async function as `__awaiter(this, …, function* () {…})`: `this` is
   * passed on, and used only if the functions that are passed on with it use theirs.
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
