// The terms of scope analysis: a declared name, a use of a name, and a part of the source that declares names.
import type { SyntaxNode } from "./parse.js";

/** A declared name. */
export interface Binding {
  readonly name: string;
  readonly kind: "var" | "let" | "const" | "function" | "class" | "parameter" | "catch" | "import";
  /** The identifier in its declaration. */
  readonly node: SyntaxNode;
  /** For an import: the module and the export. */
  readonly imported?: { readonly specifier: string; readonly name: string; readonly attributes: boolean };
  /** Whether code assigns to it after its declaration, or its declaration may run again. */
  assigned: boolean;
}

/** A use of a name. */
export interface Reference {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly scope: Scope;
  readonly writes: boolean;
}

/** A part of the source in which names are declared. */
export class Scope {
  readonly bindings = new Map<string, Binding>();
  readonly node: SyntaxNode;
  readonly parent: Scope | undefined;
  /** Whether `var` declares in this scope. */
  readonly takesVar: boolean;

  constructor(node: SyntaxNode, parent: Scope | undefined, takesVar: boolean) {
    this.node = node;
    this.parent = parent;
    this.takesVar = takesVar;
  }

  declare(name: string, kind: Binding["kind"], node: SyntaxNode, imported?: Binding["imported"]): void {
    const known = this.bindings.get(name);
    if (known) known.assigned = true;
    else this.bindings.set(name, { name, kind, node, assigned: false, ...(imported && { imported }) });
  }

  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.parent?.find(name);
  }
}
