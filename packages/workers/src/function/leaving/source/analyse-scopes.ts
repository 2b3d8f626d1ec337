// Scope analysis: maps each name to its declaration, by the rules of the language. Where the rules depend on
// the mode, a name is treated as free. That costs at most a read of a variable that does not exist, while a
// missed free name would be a ReferenceError in the worker.
import { childrenOf, isClass, isFunction, type SyntaxNode } from "./parse.js";
import { type Binding, type Reference, Scope } from "./scope.js";

/** The scopes of a tree, and each use of a name in it. */
export interface ScopeTree {
  readonly root: Scope;
  readonly references: readonly Reference[];
  /** The scopes that a node opens, outermost first. */
  readonly scopes: ReadonlyMap<SyntaxNode, readonly Scope[]>;
}

/** Analyses `tree` as a whole. */
export function analyseScopes(tree: SyntaxNode): ScopeTree {
  const analysis = new Analysis(tree);
  for (const { name, scope, writes } of analysis.references) {
    const binding = writes && scope.find(name);
    if (binding) binding.assigned = true;
  }
  return analysis;
}

class Analysis implements ScopeTree {
  readonly references: Reference[] = [];
  readonly scopes = new Map<SyntaxNode, Scope[]>();
  readonly root: Scope;

  constructor(tree: SyntaxNode) {
    this.root = this.#open(tree, undefined, true);
    this.#visitChildren(tree, this.root);
  }

  #open(node: SyntaxNode, parent: Scope | undefined, takesVar: boolean): Scope {
    const scope = new Scope(node, parent, takesVar);
    const opened = this.scopes.get(node);
    if (opened) opened.push(scope);
    else this.scopes.set(node, [scope]);
    return scope;
  }

  #visitChildren(node: SyntaxNode, scope: Scope): void {
    for (const child of childrenOf(node)) this.#visit(child, scope);
  }

  #visit(node: SyntaxNode, scope: Scope): void {
    if (isFunction(node)) return this.#visitFunction(node, scope);
    if (isClass(node)) return this.#visitClass(node, scope);
    const part = (key: string): SyntaxNode | undefined => (node[key] as SyntaxNode | null | undefined) ?? undefined;
    const visit = (key: string, within = scope): void => {
      const child = part(key);
      if (child) this.#visit(child, within);
    };
    switch (node.type) {
      case "Identifier":
        this.#refer(node, scope, false);
        return;
      case "VariableDeclaration":
        for (const declarator of node["declarations"] as SyntaxNode[]) {
          const kind = node["kind"] as string;
          this.#declarePattern(declarator["id"] as SyntaxNode, kind, scope);
          // In a block that runs again, `var` is the same variable with another value.
          if (kind === "var" && !scope.takesVar) this.#visitTarget(declarator["id"] as SyntaxNode, scope, false);
          const { init } = declarator as { init?: SyntaxNode | null };
          if (init) this.#visit(init as SyntaxNode, scope);
        }
        return;
      case "AssignmentExpression":
        this.#visitTarget(part("left")!, scope, node["operator"] !== "=");
        return visit("right");
      case "UpdateExpression":
        return this.#visitTarget(part("argument")!, scope, true);
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement": {
        const inner = this.#open(node, scope, false);
        const left = part("left");
        if (left && left.type !== "VariableDeclaration") this.#visitTarget(left, inner, false);
        else visit("left", inner);
        for (const key of ["init", "test", "update", "right", "body"]) visit(key, inner);
        return;
      }
      case "BlockStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "SwitchStatement":
        return this.#visitChildren(node, this.#open(node, scope, false));
      case "StaticBlock":
        return this.#visitChildren(node, this.#open(node, scope, true));
      case "CatchClause": {
        const inner = this.#open(node, scope, false);
        const param = part("param");
        if (param) this.#declarePattern(param, "catch", inner);
        return visit("body", inner);
      }
      case "MemberExpression":
        visit("object");
        if (node["computed"]) visit("property");
        return;
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node["computed"]) visit("key");
        return visit("value");
      case "LabeledStatement":
        return visit("body");
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
        return;
      case "ImportDeclaration":
        return this.#declareImports(node, scope);
      case "ExportSpecifier":
      case "ExportAllDeclaration":
        return;
      default:
        this.#visitChildren(node, scope);
    }
  }

  #refer(node: SyntaxNode, scope: Scope, writes: boolean): void {
    this.references.push({ name: node["name"] as string, node, scope, writes });
  }

  #visitFunction(node: SyntaxNode, outer: Scope): void {
    const id = node["id"] as SyntaxNode | null;
    let scope = outer;
    if (id && node.type === "FunctionDeclaration") outer.declare(id["name"] as string, "function", id);
    else if (id) {
      scope = this.#open(node, outer, false);
      scope.declare(id["name"] as string, "function", id);
    }
    // Parameters have their own scope: a default does not see the variables of the body.
    const parameters = this.#open(node, scope, true);
    if (node.type !== "ArrowFunctionExpression") parameters.declare("arguments", "parameter", node);
    for (const param of node["params"] as SyntaxNode[]) this.#declarePattern(param, "parameter", parameters);
    const body = node["body"] as SyntaxNode;
    if (body.type === "BlockStatement") this.#visitChildren(body, this.#open(body, parameters, true));
    else this.#visit(body, parameters);
  }

  #visitClass(node: SyntaxNode, outer: Scope): void {
    const id = node["id"] as SyntaxNode | null;
    const scope = this.#open(node, outer, false);
    if (id) {
      if (node.type === "ClassDeclaration") outer.declare(id["name"] as string, "class", id);
      scope.declare(id["name"] as string, "class", id);
    }
    const parent = node["superClass"] as SyntaxNode | null;
    if (parent) this.#visit(parent, scope);
    this.#visit(node["body"] as SyntaxNode, scope);
  }

  /** A pattern that declares. Its defaults and computed keys are uses. */
  #declarePattern(pattern: SyntaxNode, kind: string, scope: Scope): void {
    this.#eachTarget(pattern, scope, (target) => {
      const holder = kind === "var" ? varScope(scope) : scope;
      holder.declare(target["name"] as string, kind.endsWith("using") ? "const" : (kind as Binding["kind"]), target);
    });
  }

  /** A pattern that assigns. */
  #visitTarget(pattern: SyntaxNode, scope: Scope, reads: boolean): void {
    this.#eachTarget(pattern, scope, (target) => {
      if (target.type !== "Identifier") this.#visit(target, scope);
      else this.#refer(target, scope, true);
    });
    if (reads && pattern.type === "Identifier") this.#refer(pattern, scope, false);
  }

  #eachTarget(pattern: SyntaxNode, scope: Scope, take: (target: SyntaxNode) => void): void {
    const each = (node: SyntaxNode | null): void => {
      if (node) this.#eachTarget(node, scope, take);
    };
    switch (pattern.type) {
      case "ObjectPattern":
        for (const property of pattern["properties"] as SyntaxNode[]) {
          if (property.type === "RestElement") each(property["argument"] as SyntaxNode);
          else {
            if (property["computed"]) this.#visit(property["key"] as SyntaxNode, scope);
            each(property["value"] as SyntaxNode);
          }
        }
        return;
      case "ArrayPattern":
        return (pattern["elements"] as (SyntaxNode | null)[]).forEach(each);
      case "AssignmentPattern":
        each(pattern["left"] as SyntaxNode);
        return this.#visit(pattern["right"] as SyntaxNode, scope);
      case "RestElement":
        return each(pattern["argument"] as SyntaxNode);
      default:
        take(pattern);
    }
  }

  #declareImports(node: SyntaxNode, scope: Scope): void {
    const specifier = (node["source"] as SyntaxNode)["value"] as string;
    const attributes = ((node["attributes"] as unknown[] | undefined)?.length ?? 0) > 0;
    for (const each of node["specifiers"] as SyntaxNode[]) {
      const local = each["local"] as SyntaxNode;
      const imported = each["imported"] as SyntaxNode | undefined;
      const name = each.type === "ImportNamespaceSpecifier" ? "*" : imported ? String(imported["name"] ?? imported["value"]) : "default";
      scope.declare(local["name"] as string, "import", local, { specifier, name, attributes });
    }
  }
}

function varScope(scope: Scope): Scope {
  let holder = scope;
  while (!holder.takesVar && holder.parent) holder = holder.parent;
  return holder;
}
