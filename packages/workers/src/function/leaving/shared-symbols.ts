// The symbols that all threads share: those of `Symbol.for`, and the well-known ones.

const wellKnown = new Map(Object.getOwnPropertyNames(Symbol).flatMap((name) => {
  const value: unknown = (Symbol as unknown as Record<string, unknown>)[name];
  return typeof value === "symbol" ? [[value, name] as const] : [];
}));

/** The name of a symbol in the registry, or as a property of `Symbol`; `undefined`: it exists on this thread only. */
export function nameOfShared(symbol: symbol): { readonly description: string; readonly registered: boolean } | undefined {
  const registered = Symbol.keyFor(symbol);
  const description = registered ?? wellKnown.get(symbol);
  return description === undefined ? undefined : { description, registered: registered !== undefined };
}
