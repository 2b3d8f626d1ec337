// The parts of a class by when they run: once, when the class is created, or whenever it is used.
import { childrenOf, type SyntaxNode } from "./parse.js";

/** The expression after `extends`, without parentheses; undefined without a parent, and for `extends null`. */
export function parentExpression(node: SyntaxNode): SyntaxNode | undefined {
  const parent = node["superClass"] as SyntaxNode | null;
  return parent && !(parent.type === "Literal" && parent["value"] === null) ? parent : undefined;
}

/**
 * The parts that ran when the class was created, and must not run again. Its public static fields travel with
 * their current values. Private static fields cannot be read, and are created again.
 */
export function onceOnly(node: SyntaxNode): SyntaxNode[] {
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

/** The parts of a class that run when it is used, not when it is created. */
export function lazyParts(node: SyntaxNode): SyntaxNode[] {
  const members = (node["body"] as SyntaxNode)["body"] as SyntaxNode[];
  return members.flatMap((member) => {
    const value = member["value"] as SyntaxNode | null | undefined;
    return value && (member.type === "MethodDefinition" || !member["static"]) ? [value] : [];
  });
}
