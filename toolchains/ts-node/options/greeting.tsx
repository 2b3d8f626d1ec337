// Compiles by the option jsxFactory, and needs the module that the tsconfig requires.
export const element = (name: string, _properties: object | null, ...children: unknown[]) => `<${name}>${children.join("")}</${name}>`;

export function greeting() {
  return <b>{(globalThis as { greeting?: string }).greeting}</b>;
}
